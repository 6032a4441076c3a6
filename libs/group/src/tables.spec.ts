import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FEATURES } from './decide';

const COMMANDS = join(__dirname, 'commands');
/** The folder of a feature: `memberProfile` is in `member-profile`. */
const folderOf = (feature: string): string => feature.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The specs of a feature that name a command. */
function specsOf(feature: string, command: string): string[] {
  const folder = join(COMMANDS, folderOf(feature));
  const specs = readdirSync(folder).filter((name) => name.endsWith('.spec.ts'));
  return specs.map((name) => readFileSync(join(folder, name), 'utf8')).filter((text) => text.includes(`'${command}'`));
}

const commands = Object.entries(FEATURES).flatMap(([feature, deciders]) =>
  Object.keys(deciders).map((command) => ({ feature, command })),
);

test.each(commands)('$command has a table of given, when, then, with refusals, in the folder of $feature', (one) => {
  const specs = specsOf(one.feature, one.command);
  expect(specs).not.toEqual([]);
  for (const step of ['given(', '.when(', '.then', '.refused('])
    expect([step, specs.some((text) => text.includes(step))]).toEqual([step, true]);
});
