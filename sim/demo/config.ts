import { Command } from 'commander';
import { FieldError } from '../../proto/errors.ts';

export class ConfigError extends FieldError<'CONFIG'> {
  constructor(message: string, cause?: unknown) {
    super('CONFIG', message, { retry: 'never', cause });
  }
}

export interface DemoConfig {
  /** Play the story to its end without a person, then exit. */
  readonly once: boolean;
  readonly json: boolean;
  /** Where everything is kept; undefined for a temporary folder that is removed at the end. */
  readonly data: string | undefined;
  readonly regime: string;
  /** How long each camera records, seconds. */
  readonly recordSeconds: number;
  readonly httpPort: number;
  readonly policyPort: number;
}

const EXAMPLES = `
Examples:
  Watch the whole story, then try it yourself in the browser:
    holdfast demo
  Let it play by itself under the city's rules and keep everything it made:
    holdfast demo --once --json --regime city --data ./demo-data
`;

function program(): Command {
  return new Command('holdfast demo')
    .description(
      'Three cameras, three incidents, one dock and one policy service: footage is held until the report is filed.',
    )
    .option('--once', 'play the story to its end and exit')
    .option('--json', 'end with one JSON object as the last line of stdout')
    .option('--data <dir>', 'keep everything here: DIR/dock, DIR/policy, DIR/cameras/ID')
    .option('--regime <id>', 'whose rules decide: doj or city', 'doj')
    .option('--record <seconds>', 'how long each camera records', '6')
    .option('--http <port>', 'port of the viewer; 0 picks a free one', '0')
    .option('--policy-http <port>', 'port of the policy service; 0 picks a free one', '0')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .allowExcessArguments(false);
}

/** Reads the flags. Throws ConfigError with the flag's name; help and unknown flags leave as commander's own error. */
export function readConfig(argv: readonly string[]): DemoConfig {
  const command = program();
  command.parse(argv, { from: 'user' });
  const given = command.opts<Record<string, string | boolean | undefined>>();
  return {
    once: given['once'] === true,
    json: given['json'] === true,
    data: given['data'] === undefined ? undefined : String(given['data']),
    regime: String(given['regime']),
    recordSeconds: whole('--record', given['record'], { min: 1, max: 600 }),
    httpPort: whole('--http', given['http'], { min: 0, max: 65_535 }),
    policyPort: whole('--policy-http', given['policyHttp'], { min: 0, max: 65_535 }),
  };
}

function whole(flag: string, given: unknown, range: { min: number; max: number }): number {
  const value = Number(given);
  if (!Number.isInteger(value) || value < range.min || value > range.max) {
    throw new ConfigError(
      `${flag}: "${String(given)}" is not a whole number from ${range.min} to ${range.max}`,
    );
  }
  return value;
}
