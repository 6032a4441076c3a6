import { StartError } from '@cohort/process';
import { hide } from '@cohort/surroundings';
import { parseArgs } from 'node:util';
import { UsageError, type CommandLine } from './command-line';
import { importFile } from './import';
import { token } from './token';

/** The commands by name. */
const COMMANDS: Readonly<Record<string, CommandLine>> = { import: importFile, token };

/** Options that print a usage. */
const HELP: readonly string[] = ['--help', '-h'];

/** Where a command line writes. */
export interface Output {
  readonly result: (text: string) => void;
  readonly error: (text: string) => void;
}

const STREAMS: Output = {
  result: (text) => process.stdout.write(`${text}\n`),
  error: (text) => process.stderr.write(`${text}\n`),
};

/** Runs a command line; resolves with the exit code: 0 success, 1 failure, 2 wrong arguments. */
export async function run(
  [name = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
  out: Output = STREAMS,
): Promise<number> {
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) {
    const isHelp = name === 'help' || HELP.includes(name);
    if (isHelp) out.result(help());
    else out.error(name === '' ? help() : `Unknown command ${name}.\n${help()}`);
    return isHelp ? 0 : 2;
  }
  if (args.some((arg) => HELP.includes(arg))) {
    out.result(`Usage: npx cohort ${name} ${command.usage}\n${command.summary}`);
    return 0;
  }
  try {
    const { values, positionals } = parsed(command, args);
    out.result(await command.run({ values, positionals, env }));
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      out.error(`${error.message}\nUsage: npx cohort ${name} ${command.usage}`);
      return 2;
    }
    if (!(error instanceof StartError)) throw error;
    out.error(hide(error.message));
    return 1;
  }
}

function parsed({ options }: CommandLine, args: string[]) {
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    return { values: values as Record<string, string | boolean | undefined>, positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

const help = (): string =>
  [
    'Usage:',
    ...Object.entries(COMMANDS).map(([name, { usage, summary }]) => `  npx cohort ${name} ${usage}\n      ${summary}`),
  ].join('\n');
