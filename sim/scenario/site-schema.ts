import { z } from 'zod';
import { BAUD_MAX, BAUD_MIN } from '../../proto/baud.ts';
import { isCameraId, isDockId } from '../../proto/ids.ts';
import { clockStep, lengthOfTime } from './moment.ts';

const DEVICES_MAX = 16;
const FPS_MAX = 30;

/** A camera's id. */
export const cameraName = z
  .string()
  .refine(isCameraId, 'must be 1 to 32 lower-case letters, digits and hyphens')
  .meta({ title: 'camera' });
/** A dock's id. */
export const dockName = z
  .string()
  .refine(isDockId, 'must be 1 to 32 lower-case letters, digits and hyphens')
  .meta({ title: 'dock' });
/** A bay's name. */
export const bayName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,31}$/, 'must be a name such as bay1')
  .meta({ title: 'bay' });
/** A person's id, as a badge number. */
export const personName = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,32}$/, 'must be an id such as "4411", in quotes where it is a number')
  .meta({ title: 'person' });

const probability = z.number().min(0).max(0.1);

const baySchema = z.strictObject({
  name: bayName.describe('Name of the bay, unique in the site.'),
  noise: z
    .strictObject({
      flips: probability.optional().describe('Probability that a bit is turned over.'),
      losses: probability.optional().describe('Probability that a byte vanishes.'),
      insertions: probability.optional().describe('Probability that a byte nobody sent comes in between.'),
    })
    .optional()
    .describe('Noise of its cable both ways; asks for `site.line`.'),
});

const dockSchema = z.strictObject({
  id: dockName.describe('Id of the dock.'),
  bays: z.array(baySchema).max(DEVICES_MAX).default([]).describe('Its serial bays.'),
  mqtt: z
    .enum(['embedded', 'mosquitto'])
    .optional()
    .describe('Its broker: its own, or a mosquitto beside it. None when absent.'),
  args: z.array(z.string()).default([]).describe('Further flags of `holdfast dock`.'),
});

const cameraSchema = z.strictObject({
  id: cameraName.describe('Id of the camera.'),
  officer: personName.describe('Who has it when it is switched on.'),
  link: z
    .union([bayName, z.literal('mqtt')])
    .describe(
      'The bay that it is put into when it is docked, or `mqtt` for the first dock that has a broker.',
    ),
  fps: z
    .int()
    .min(1)
    .max(FPS_MAX)
    .default(2)
    .describe('Frames a second; few make a scenario quick. 2 when absent.'),
  pre_event: lengthOfTime.default(0).describe('Length of its pre-event buffer; `0s` when absent.'),
  clock: clockStep.optional().describe('Its wall clock is so far from the truth.'),
  starts: z.boolean().default(true).describe('Switched on before the timeline begins; true when absent.'),
  args: z.array(z.string()).default([]).describe('Further flags of `holdfast device`.'),
});

/** Who and what there is before the timeline begins. */
export const siteSchema = z
  .strictObject({
    regime: z
      .string()
      .min(1)
      .default('doj')
      .describe('Whose rules decide: `doj` or `city`. `doj` when absent.'),
    line: z
      .strictObject({
        rate: z.int().min(BAUD_MIN).max(BAUD_MAX).describe('Bit/s, with one start and one stop bit a byte.'),
        latency: lengthOfTime.optional().describe('One way.'),
      })
      .optional()
      .describe('Every cable is a modelled UART of this rate. As fast as it goes when absent.'),
    docks: z.array(dockSchema).min(1).max(DEVICES_MAX).describe('Docks, each a process of its own.'),
    cameras: z
      .array(cameraSchema)
      .min(1)
      .max(DEVICES_MAX)
      .describe('Cameras, each a process of its own, enrolled at every dock.'),
    people: z
      .array(
        z.strictObject({
          id: personName.describe('Id, as a badge number.'),
          name: z.string().min(1).describe('Name.'),
          roles: z.array(z.string()).min(1).describe('Roles, such as `officer` or `supervisor`.'),
        }),
      )
      .default([])
      .describe('Who may sign in. Officers of cameras are added when they are missing here.'),
  })
  .describe('Who and what there is.');
