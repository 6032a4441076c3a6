import { availableParallelism } from 'node:os';

export type Unit = '/s' | 'ms' | 'MiB' | 's';

/** One line of the table: what Cohort does, beside what the engine under it does, measured in the same run. */
export interface Figure {
  readonly figure: string;
  readonly unit: Unit;
  readonly cohort: number;
  /** What it is held against. */
  readonly beside?: { readonly what: string; readonly value: number };
  /** What the ratio of the two (or, beside nothing, the figure itself) should be. */
  readonly wanted?: { readonly atLeast: number } | { readonly atMost: number };
}

export interface Report {
  readonly date: string;
  readonly quick: boolean;
  readonly machine: { readonly node: string; readonly cores: number; readonly natsServer: string };
  readonly figures: readonly (Figure & { readonly ratio?: number; readonly reached?: boolean })[];
}

export function report(figures: readonly Figure[], natsServer: string, quick: boolean): Report {
  return {
    date: new Date().toISOString(),
    quick,
    machine: { node: process.version, cores: availableParallelism(), natsServer },
    figures: figures.map((figure) => ({ ...figure, ratio: ratioOf(figure), reached: isReached(figure) })),
  };
}

const ratioOf = ({ cohort, beside }: Figure): number | undefined =>
  beside && Math.round((cohort / beside.value) * 1_000) / 1_000;

function isReached(figure: Figure): boolean | undefined {
  const { wanted } = figure;
  if (!wanted) return undefined;
  const held = ratioOf(figure) ?? figure.cohort;
  return 'atLeast' in wanted ? held >= wanted.atLeast : held <= wanted.atMost;
}

const HEAD = ['figure', 'Cohort', 'beside it', '', 'ratio', 'wanted', ''] as const;

/** The report as a table for people. */
export function table({ date, quick, machine, figures }: Report): string {
  const rows = figures.map(({ figure, unit, cohort, beside, wanted, ratio, reached }) => [
    figure,
    show(cohort, unit),
    beside ? show(beside.value, unit) : '',
    beside?.what ?? '',
    ratio === undefined ? '' : ratio.toFixed(2),
    wanted ? ('atLeast' in wanted ? `>= ${wanted.atLeast}` : `<= ${wanted.atMost}`) : '',
    reached === undefined ? '' : reached ? 'yes' : 'NO',
  ]);
  const widths = HEAD.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (i === 1 || i === 2 || i === 4 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  const { node, cores, natsServer } = machine;
  return [
    `${date.slice(0, 10)}, Node ${node}, nats-server ${natsServer}, ${cores} cores${quick ? ', quick' : ''}`,
    '',
    line(HEAD),
    line(widths.map((width) => '-'.repeat(width))),
    ...rows.map(line),
  ].join('\n');
}

function show(value: number, unit: Unit): string {
  const text = unit === '/s' || unit === 'MiB' ? Math.round(value).toLocaleString('en') : value.toFixed(2);
  return unit === '/s' ? `${text}/s` : `${text} ${unit}`;
}
