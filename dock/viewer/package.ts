import { Transform } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { PersonId, RecordingId } from '../../proto/ids.ts';
import { PackageError } from '../package/errors.ts';
import type { SealedPackage } from '../package/sealed.ts';
import type { Cancel, Clock, Grant, Verdict } from '../ports.ts';
import type { Departure } from '../release/leaving.ts';
import { signedIn, viewerIn } from './bearer.ts';
import type { Catalogue } from './catalogue.ts';
import { sendRefused } from './content.ts';
import { sendNotFound, sendProblem } from './reply.ts';
import { takePackage } from './schema/custody.ts';
import type { ViewerApp, ViewerPorts } from './server.ts';
import { OpeningThrottle } from './throttle.ts';

/** Packages that are on their way at once: each keeps a file open and reads the whole recording twice. */
const PACKAGES_MAX = 4;
const WAIT_S = 15;
// Who takes nothing for so long has gone, and somebody else may want the place.
const STALL_MS_MAX = 60_000;
/** What has ended leaves no more at once; a reader that takes nothing is cut off at the next look. */
const LOOK_MS = 1_000;

/**
 * `POST /v1/recordings/:id/package`: the evidence package of a recording, sealed as it is stored, as a ZIP that is made while it
 * leaves; nothing is written to the disk. In this order: ask the policy service, hold every file against the ledger, put
 * `exported` on record, and only then the first byte. What is not allowed answers as an opening that is not; what is no longer allowed
 * stops where it is.
 */
export function addPackageRoute(app: ViewerApp, ports: ViewerPorts, catalogue: Catalogue): void {
  const throttle = new OpeningThrottle(ports.clock);
  const places = new Set<PersonId>();
  const take = {
    schema: takePackage,
    preValidation: signedIn(ports.policy),
    config: { badRequest: 'The request needs a purpose.' },
  };
  app.post('/v1/recordings/:id/package', take, async (request, reply) => {
    const { viewer } = viewerIn(request);
    const { id } = request.params;
    const waitS = throttle.take(viewer.person);
    if (waitS > 0) return sendBusy(reply, waitS);
    const departure = ports.leaving.begin({ recordingId: id, viewer, purpose: request.body.purpose });
    const grant = await departure.ask();
    if ('refused' in grant) {
      // The attempt is on record either way; only who may know of the recording is told why.
      const row = await catalogue.row(viewer, id);
      return row === undefined ? sendNotFound(reply) : sendRefused(reply, grant.refused);
    }
    if (places.size >= PACKAGES_MAX || places.has(viewer.person)) {
      departure.over();
      return sendBusy(reply, WAIT_S);
    }
    places.add(viewer.person);
    const done = (): void => {
      departure.over();
      places.delete(viewer.person);
    };
    return sendPackage(reply, ports, { id, departure, grant, done });
  });
}

interface Leaving {
  readonly id: RecordingId;
  readonly departure: Departure;
  readonly grant: Grant;
  /** Called once, when nothing more of it leaves. */
  readonly done: () => void;
}

async function sendPackage(
  reply: FastifyReply,
  ports: ViewerPorts,
  { id, departure, grant, done }: Leaving,
): Promise<FastifyReply> {
  const passes = (): boolean => {
    if (departure.mayGoOn()) return true;
    reply.raw.destroy();
    return false;
  };
  let begun: Begun | Verdict | undefined;
  try {
    begun = await begin(ports, { id, departure, grant, passes, isGone: () => reply.raw.destroyed });
  } catch (error) {
    done();
    if (!(error instanceof PackageError)) throw error;
    return sendNotMade(reply, error, ports);
  }
  if (begun === undefined || 'verdict' in begun) {
    done();
    return begun === undefined ? reply.hijack() : sendRefused(reply, begun);
  }
  const stopLooking = lookAgain(passes, ports.clock);
  void end(begun, { done, reply, ports }).finally(stopLooking);
  if (reply.raw.destroyed) {
    begun.stream.destroy();
    return reply.hijack();
  }
  // The socket's own timer: it alone knows how long nobody took anything, and nothing on record rests on it.
  reply.raw.setTimeout(STALL_MS_MAX, () => reply.raw.destroy());
  return reply
    .header('cache-control', 'no-store')
    .header('content-disposition', `attachment; filename="${id}.zip"`)
    .header('content-length', String(begun.bytes))
    .type('application/zip')
    .send(begun.stream);
}

/** A package whose first byte may leave. */
interface Begun {
  readonly pack: SealedPackage;
  readonly bytes: number;
  readonly stream: Transform;
  readonly written: Promise<unknown>;
}

interface Beginning extends Omit<Leaving, 'done'> {
  /** May more of it leave? Cuts it off where not. */
  readonly passes: () => boolean;
  /** Has whoever waited for it hung up? */
  readonly isGone: () => boolean;
}

/** Everything up to the first byte. Gives the verdict when it is no longer allowed, and nothing when nobody waits for it any more. */
async function begin(
  { packages, clock }: Pick<ViewerPorts, 'packages' | 'clock'>,
  { id, departure, grant, passes, isGone }: Beginning,
): Promise<Begun | Verdict | undefined> {
  const pack = await packages.prepare(id);
  let begun: Begun | undefined;
  try {
    // A grant is good for a minute, and a long recording on a slow disk takes longer to read.
    const isGood = grant.expiresAtUs > clock.wallUs() && departure.mayGoOn();
    const still = isGood ? grant : await departure.ask();
    if ('refused' in still) return still.refused;
    if (isGone()) return undefined;
    await departure.record(still, pack.manifestSha256);
    begun = await started(pack, passes);
    return begun;
  } finally {
    if (begun === undefined) await pack.close();
  }
}

/** Resolves once the length is known, before the first byte; rejects with what keeps the package from being made. */
function started(pack: SealedPackage, passes: () => boolean): Promise<Begun> {
  // What does not pass is cut off by `passes`, and swallowed here.
  const stream = new Transform({
    transform: (piece, _encoding, pass) => (passes() ? pass(null, piece) : pass()),
  });
  return new Promise((resolve, reject) => {
    const written: Promise<unknown> = pack.write(stream, (bytes) => {
      // Behind this turn, in which `written` is still being made.
      queueMicrotask(() => resolve({ pack, bytes, stream, written }));
    });
    written.catch(reject);
  });
}

/** Looks now and then whether what is on its way may go on, for a reader who takes nothing; returns what stops looking. */
function lookAgain(passes: () => boolean, clock: Clock): () => void {
  const look = (): Cancel =>
    clock.after(LOOK_MS, () => {
      if (passes()) cancel = look();
    });
  let cancel = look();
  return () => cancel();
}

async function end(
  { written, pack }: Begun,
  { done, reply, ports }: Pick<Leaving, 'done'> & { reply: FastifyReply; ports: ViewerPorts },
): Promise<void> {
  try {
    await written;
  } catch (problem) {
    // Who hangs up ends it; anything else is the dock's own fault, and the length tells the other end that this is no package.
    if (problem instanceof PackageError) ports.onProblem(problem);
    reply.raw.destroy();
  } finally {
    await pack.close();
    done();
  }
}

function sendNotMade(reply: FastifyReply, error: PackageError, { onProblem }: ViewerPorts): FastifyReply {
  switch (error.code) {
    case 'PACKAGE_ABSENT':
      return sendNotFound(reply);
    case 'PACKAGE_REFUSED':
      return sendProblem(reply, 409, {
        code: 'not-sealed',
        message:
          'No camera sealed this recording, so its stored form is footage, and that leaves opened only.',
      });
    case 'PACKAGE_DAMAGED':
      onProblem(error);
      return sendProblem(reply, 500, {
        code: 'content-damaged',
        message: 'The stored bytes are not what was accepted. No package is made of them.',
      });
    default:
      throw error;
  }
}

function sendBusy(reply: FastifyReply, waitS: number): FastifyReply {
  const message = `Other packages are being made just now. Try again in ${waitS} s.`;
  return sendProblem(reply.header('retry-after', String(waitS)), 429, { code: 'too-many-packages', message });
}
