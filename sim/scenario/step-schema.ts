import { z } from 'zod';
import { clockStep, lengthOfTime, lengthsOfTime, shares } from './moment.ts';
import { bayName, cameraName, dockName, personName } from './site-schema.ts';

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;
const STEP_KEYS = new Set(['at', 'after', 'plus', 'about']);

/** Name that a timeline gave a recording with `record`. */
export const recordingName = z
  .string()
  .regex(NAME, 'must be lower-case words with hyphens between them')
  .meta({ title: 'recording' });
/** A camera's or a dock's id, `policy` or `broker`. */
export const programName = z
  .string()
  .regex(NAME, 'must be a camera, a dock, policy or broker')
  .meta({ title: 'program' });

/** An event that a program says with `--json`: `cam-1 closed`, or with fields that must be so. */
export const eventSchema = z
  .union([
    z
      .string()
      .regex(/^[a-z0-9-]+ [a-z-]+$/, 'must be a program and an event, such as "cam-1 closed"')
      .transform((text) => {
        const [of = '', event = ''] = text.split(' ');
        return { of, event, having: {} };
      }),
    z.strictObject({
      of: programName.describe('The program that says it.'),
      event: z.string().min(1).describe('Its name.'),
      having: z
        .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
        .default({})
        .describe('Fields that it must have with these values.'),
    }),
  ])
  .meta({ title: 'event' });

const afterSchema = z
  .union([
    eventSchema,
    z.strictObject({
      carried: shares.describe(
        'So much of what the camera holds has gone over its cable since it was docked.',
      ),
      by: cameraName.describe('The camera; it stands in a bay.'),
    }),
    z.strictObject({
      durable: shares.describe('The dock has said that it holds so much of the recording under way.'),
      by: cameraName.describe('The camera.'),
    }),
  ])
  .meta({ title: 'event, or a share of an upload' });

const camera = cameraName;
const openSchema = z.strictObject({
  person: personName,
  recording: recordingName,
  purpose: z.string().min(1).default('write_report').describe('`write_report` when absent.'),
  expect: z.enum(['open', 'refused']).describe('What must come of it.'),
});

const actions = {
  record: z
    .union([
      camera.transform((of) => ({ camera: of, as: of })),
      z.strictObject({ camera, as: recordingName.describe('Name of the recording from here on.') }),
    ])
    .describe('A camera begins to record; the recording is called `as`, or like the camera.'),
  stop: camera.describe('A camera ends its recording, and has closed it.'),
  mark: camera.describe('The officer marks the recording.'),
  say: z
    .strictObject({ camera, command: z.string().min(1).describe('One line of its console.') })
    .describe('Any other command of a camera; one that it refuses fails the scenario.'),
  dock: z
    .union([
      camera.transform((of) => ({ camera: of, bay: undefined })),
      z.strictObject({
        camera,
        bay: bayName.describe('Another bay than the one it was in, also of another dock.'),
      }),
    ])
    .describe('A camera is put into its bay, or another.'),
  undock: camera.describe('A camera is taken out of its bay: it says goodbye to nobody.'),
  unplug: camera.describe('The cable of a camera is pulled, or its way to the broker cut: nobody is told.'),
  plug: camera.describe('It is put back.'),
  hand: z
    .strictObject({ camera, officer: personName.describe('Who has it now.') })
    .describe('A camera is given to another officer: switched off and on again.'),
  kill: programName.describe('SIGKILL, as when the power goes.'),
  cut: camera.describe(
    'The power of a camera that records goes once its memory has a whole fragment, and the next in part.',
  ),
  end: programName.describe('SIGTERM: it is told to stop, and has.'),
  pause: programName.describe('SIGSTOP: it stands still, its ports stay open.'),
  resume: programName.describe('SIGCONT.'),
  start: programName.describe('It is started again on the same data and ports.'),
  disk: z
    .strictObject({
      of: programName.describe('A camera or a dock.'),
      is: z
        .enum(['full', 'slow', 'unreadable', 'sound'])
        .describe('`full`: writes fail for want of space; `slow`: each write and each sync takes `delay`.'),
      delay: lengthOfTime.optional().describe('Of a slow disk; `200ms` when absent.'),
    })
    .describe("A program's disk gets into trouble, or out of it."),
  rot: z
    .strictObject({
      dock: dockName.describe('The dock.'),
      recording: recordingName.describe('The recording; the dock holds some of it.'),
    })
    .describe('A bit turns over in what a dock holds of a recording, and the dock is not told.'),
  clock: z
    .strictObject({
      of: programName.describe('A camera, a dock or `policy`.'),
      step: clockStep.describe('How far.'),
    })
    .describe("A program's wall clock steps."),
  policy: z
    .strictObject({
      is: z
        .enum(['up', 'down', 'slow', 'lying'])
        .describe('`lying`: whoever stands between says that everything is allowed.'),
      delay: lengthOfTime.optional().describe('Of a slow one; `2s` when absent.'),
    })
    .describe('The way from the docks to the policy service.'),
  incident: z
    .strictObject({
      id: z.string().min(1).describe('Number of the incident.'),
      officers: z.array(personName).default([]).describe('Who was involved.'),
      recordings: z.array(recordingName).default([]).describe('What shows it.'),
      force: z
        .enum(['none', 'non_deadly', 'deadly'])
        .optional()
        .describe('Force that was used, when it is known.'),
    })
    .describe('The records system opens an incident.'),
  force: z
    .strictObject({ incident: z.string().min(1), is: z.enum(['none', 'non_deadly', 'deadly']) })
    .describe('The force used in an incident is classified.'),
  report: z
    .strictObject({ incident: z.string().min(1), person: personName.describe('Whose report it is.') })
    .describe('A report is filed.'),
  fact: z
    .looseObject({ type: z.string().min(1), recording: recordingName.optional() })
    .describe(
      'Any other fact, as POLICY-SERVICE.md has it, with the name of the recording that it is about.',
    ),
  open: openSchema.describe('Somebody opens a recording at the dock that holds it.'),
  wait: lengthsOfTime.describe('Nothing happens for so long.'),
} as const;

/** One thing that happens, and when. */
export const stepSchema = z
  .strictObject({
    at: lengthsOfTime.optional().describe('Not before so long after the timeline began.'),
    after: afterSchema
      .optional()
      .describe(
        'Not before this has happened. A step that names the same event again waits for the next one.',
      ),
    plus: lengthsOfTime.optional().describe('And so long after that.'),
    about: z.string().optional().describe('What a reader should know.'),
    ...optionalOf(actions),
  })
  .superRefine((step, context) => {
    const given = Object.keys(step).filter((key) => !STEP_KEYS.has(key));
    if (given.length === 1) return;
    const names = Object.keys(actions).join(', ');
    const message =
      given.length === 0
        ? `does nothing: give one of ${names}`
        : `does ${given.join(' and ')}: make each a step of its own`;
    context.addIssue({ code: 'custom', message });
  });

/** A step once read. */
export type Step = z.output<typeof stepSchema>;
/** An event to wait for. */
export type WantedEvent = z.output<typeof eventSchema>;

type Optional<Fields extends z.ZodRawShape> = { readonly [Key in keyof Fields]: z.ZodOptional<Fields[Key]> };

function optionalOf<Fields extends z.ZodRawShape>(fields: Fields): Optional<Fields> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, field]) => [key, z.optional(field)]),
  ) as Optional<Fields>;
}
