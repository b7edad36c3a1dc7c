import { createHash } from 'node:crypto';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { instant } from '../clock.ts';
import { randomId } from '../custodian/keys.ts';
import { titled } from '../decide/candidate.ts';
import type { Role, Source } from '../facts/fact.ts';
import type { Knowledge } from '../facts/knowledge.ts';
import { tookPart } from '../facts/situation.ts';
import { RequestError } from './failure.ts';
import { parseFacts } from './fact-schema.ts';
import { html, sendPage, type Html } from './html.ts';
import type { Service } from './service.ts';

/** The source under whose name the page speaks. */
export const DEMO_SOURCE = 'records';

const AUTHORISED_MS = 60 * 60 * 1_000;
const DEEDS = ['file', 'withdraw', 'candid', 'authorise', 'revoke'] as const;
type Deed = (typeof DEEDS)[number];

/** What the buttons of the page send. */
export const form = z.object({
  deed: z.enum(DEEDS),
  key: z.string(),
  person: z.string().default(''),
  incident: z.string().default(''),
  recording: z.string().default(''),
});
type Form = z.infer<typeof form>;

/**
 * `/demo/records`: a stand-in for an agency's records system, so that one person can play the whole story. It
 * posts ordinary facts under the source `records`.
 */
export function demoRecordsRoutes(app: FastifyInstance, service: Service, source: Source): void {
  // Another site's page can make a browser send this form, but cannot read the key that must be in it.
  const key = randomId();
  app.get('/demo/records', async (request, reply) => {
    checkHost(request);
    return sendPage(reply, { title: 'Records system (demonstration)', body: page(service.book.known, key) });
  });
  app.post('/demo/records', async (request, reply) => {
    checkHost(request);
    const parsed = form.safeParse(request.body);
    if (!parsed.success || parsed.data.key !== key) {
      throw new RequestError('FORBIDDEN', 'this form is from another time or place; reload the page', {
        retry: 'never',
      });
    }
    const at = instant(service.clock.nowMs());
    const { facts } = parseFacts(factOf(service, parsed.data, at));
    service.book.post(source, facts, at);
    return reply.redirect('/demo/records', 303);
  });
}

/** A name that merely resolves to this machine (DNS rebinding) must not get at the page. */
function checkHost({ hostname }: FastifyRequest): void {
  if (['127.0.0.1', '[::1]', '::1', 'localhost'].includes(hostname)) return;
  throw new RequestError('FORBIDDEN', 'the demonstration is for this machine only', { retry: 'never' });
}

/** Not yet checked: it goes through the same schema as a fact from outside. */
function factOf({ book, clock }: Service, { deed, person, incident, recording }: Form, at: string): unknown {
  const common = { id: `demo-${randomId()}`, at };
  const reportHash = createHash('sha256').update(`${incident} ${person}`).digest('hex');
  const by = holder(book.known, ['chief', 'chief_designee'], person) ?? '';
  switch (deed) {
    case 'file':
      return { ...common, type: 'report.filed', incident, person, reportHash };
    case 'withdraw':
      return { ...common, type: 'report.withdrawn', incident, person };
    case 'candid':
      return { ...common, type: 'statement.given', incident, person, kind: 'candid', recorded: true };
    case 'authorise': {
      const expiresAt = instant(clock.nowMs() + AUTHORISED_MS);
      return { ...common, type: 'access.authorised', recording, person, by, expiresAt };
    }
    case 'revoke':
      return { ...common, type: 'access.revoked', recording, person, by };
    default:
      return deed satisfies never;
  }
}

/** Somebody other than `person` who holds one of the roles. */
function holder(known: Knowledge, roles: readonly Role[], person: string): string | undefined {
  return known
    .listed()
    .people.find((id) => id !== person && known.person(id)?.roles.some((role) => roles.includes(role)));
}

function page(known: Knowledge, key: string): Html {
  const { incidents } = known.listed();
  const sections = incidents.map((incident) => incidentSection(known, key, incident));
  return html`<main>
<h1>Records system</h1>
<p class="warning"><strong>Part of the demonstration.</strong> It stands in for an agency's records system and posts facts
as the source <code>${DEMO_SOURCE}</code>. A real service does not have this page.</p>
${sections.length === 0 ? html`<p>No incident is on file yet.</p>` : sections}
</main>`;
}

function incidentSection(known: Knowledge, key: string, incident: string): Html {
  const { classifications, recordings } = known.incident(incident);
  const people = known.listed().people.filter((person) => tookPart(known, incident, person));
  const newest = classifications.at(-1);
  const rows = people.map((person) =>
    personRow(known, key, { incident, person, recordings: [...recordings] }),
  );
  return html`<section>
<h2>${incident}</h2>
<p>Force: ${newest?.force.replace('_', '-') ?? 'unclassified'}${newest?.deathInCustody === true ? ', death in custody' : ''}</p>
<table><thead><tr><th>Who took part</th><th>Initial report</th><th>Candid statement</th><th>Authorised by the chief</th></tr></thead>
<tbody>${rows}</tbody></table>
</section>`;
}

function personRow(
  known: Knowledge,
  key: string,
  of: { readonly incident: string; readonly person: string; readonly recordings: readonly string[] },
): Html {
  const { incident, person, recordings } = of;
  const { report, statements } = known.part(incident, person);
  const button = (deed: Deed, label: string, recording = ''): Html =>
    deedForm(key, { deed, label, incident, person, recording });
  const access = recordings.map((recording) => {
    const given = known.recording(recording).authorisations.some((one) => one.person === person);
    const short = recording.slice(0, 8);
    return given
      ? button('revoke', `revoke ${short}`, recording)
      : button('authorise', `authorise ${short}, 1 h`, recording);
  });
  return html`<tr><td>${titled(known, person)}</td>
<td>${report} ${report === 'filed' ? button('withdraw', 'withdraw') : button('file', 'file')}</td>
<td>${statements.has('candid') ? html`given` : button('candid', 'give')}</td>
<td>${access}</td></tr>`;
}

function deedForm(
  key: string,
  of: {
    readonly deed: Deed;
    readonly label: string;
    readonly incident: string;
    readonly person: string;
    readonly recording: string;
  },
): Html {
  return html`<form class="line" method="post" action="/demo/records">
<input type="hidden" name="key" value="${key}"><input type="hidden" name="deed" value="${of.deed}">
<input type="hidden" name="incident" value="${of.incident}"><input type="hidden" name="person" value="${of.person}">
<input type="hidden" name="recording" value="${of.recording}"><button>${of.label}</button></form>`;
}
