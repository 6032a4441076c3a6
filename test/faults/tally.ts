import type { GroupCommandName } from '@cohort/contracts';
import type { Journal } from './journal';
import { EFFECTIVE } from './mix';
import { keyOf } from './replay';

/** How commands of one kind ended, each command once. */
export interface Outcomes {
  /** They wrote events. */
  written: number;
  /** They held already. */
  unchanged: number;
  /** By code. */
  readonly refused: Record<string, number>;
}
export type Tally = Partial<Record<GroupCommandName, Outcomes>>;

/** Commands that were settled in a run that is long enough for every kind to have had an effect. */
const LONG_RUN = 5_000;

/** @param writers the commands that wrote events, by `keyOf` */
export function tallyOf({ acknowledged, refused }: Journal, writers: ReadonlySet<string>): Tally {
  const tally: Tally = {};
  const of = (name: GroupCommandName) => (tally[name] ??= { written: 0, unchanged: 0, refused: {} });
  const settled = new Set<string>();
  for (const { command } of acknowledged) {
    const key = keyOf(command);
    if (settled.has(key)) continue;
    settled.add(key);
    of(command.name)[writers.has(key) ? 'written' : 'unchanged'] += 1;
  }
  for (const [key, { name, code }] of refused) {
    if (!settled.has(key)) of(name).refused[code] = (of(name).refused[code] ?? 0) + 1;
  }
  return tally;
}

/** The commands that never had an effect in a long run: then the run tests less than it shall. */
export function withoutEffect(tally: Tally): string[] {
  const settled = Object.values(tally).reduce((sum, { written, unchanged }) => sum + written + unchanged, 0);
  return settled < LONG_RUN ? [] : EFFECTIVE.filter((name) => !tally[name]?.written);
}

export const tallyLines = (tally: Tally): string[] =>
  Object.entries(tally)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { written, unchanged, refused }]) => {
      const codes = Object.entries(refused)
        .sort(([, a], [, b]) => b - a)
        .map(([code, count]) => `${code} ${count}`);
      return `${name.padEnd(20)} ${written} wrote events, ${unchanged} changed nothing, refused: ${codes.join(', ') || 'none'}`;
    });
