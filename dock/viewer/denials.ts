import type { CustodyEntry } from '../../proto/custody-entry.ts';
import { isPersonId } from '../../proto/ids.ts';
import type { Viewer } from '../ports.ts';
import { signedIn, viewerIn } from './bearer.ts';
import type { CustodyParts } from './custody.ts';
import { type Cast, forWhat, inWords, ofRules, who } from './entry-words.ts';
import { sendNotFound } from './reply.ts';
import { type Denial, listDenials } from './schema/denials.ts';
import type { Row } from './schema/recordings.ts';
import type { ViewerApp, ViewerPorts } from './server.ts';

const DENIALS_USUAL = 50;

// Those who answer for officers and those who look into what they did. To an officer it would say who else wants to see what.
const OVERSIGHT_ROLES: ReadonlySet<string> = new Set([
  'supervisor',
  'chief',
  'chief_designee',
  'internal_affairs',
  'independent_review',
  'doj_monitor',
]);

/** `GET /v1/denials`: attempts that were refused, on what the list shows to this person and on nothing else. */
export function addDenialRoutes(
  app: ViewerApp,
  ports: ViewerPorts,
  { catalogue, timelines }: Pick<CustodyParts, 'catalogue' | 'timelines'>,
): void {
  const preValidation = signedIn(ports.policy);
  const config = { badRequest: 'before is a place in the ledger, and limit a number from 1 to 200.' };
  app.get('/v1/denials', { schema: listDenials, preValidation, config }, async (request, reply) => {
    const { viewer } = viewerIn(request);
    if (!mayKnow(viewer)) return sendNotFound(reply);
    const rows = new Map((await catalogue.rows(viewer)).map((row) => [String(row.id), row]));
    const { before, limit = DENIALS_USUAL } = request.query;
    const found = await timelines.denials({ of: (recording) => rows.has(recording), before, limit });
    const you = ports.keys.pseudonym(viewer.person);
    const officerOf = ({ officer }: Row): string =>
      isPersonId(officer) ? ports.keys.pseudonym(officer) : '';
    const denials = found.entries.flatMap(({ index, entry }) => {
      const row = rows.get(entry.recording);
      return row === undefined ? [] : [shown({ index, entry }, row, { you, officer: officerOf(row) })];
    });
    reply.header('cache-control', 'no-store');
    const { total, earlier } = found;
    return { denials, total, ...(earlier === undefined ? {} : { earlier }) };
  });
}

function mayKnow({ roles }: Viewer): boolean {
  return roles.some((role) => OVERSIGHT_ROLES.has(role));
}

type Denied = Extract<CustodyEntry, { type: 'denied' }>;

function shown(
  { index, entry }: { readonly index: number; readonly entry: Denied },
  { id: recording, incident, officer }: Row,
  cast: Cast,
): Denial {
  const { at, person, count, purpose, reason } = entry;
  return {
    ...{ index, recording, incident, officer, at, count },
    ...{ who: who(person, cast), purpose: forWhat(purpose), reason: ofRules(reason) },
    text: inWords(entry, cast),
  };
}
