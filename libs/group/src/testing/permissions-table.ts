import { STANDINGS, type Standing, type Verdict } from '../permission';
import { PERMISSIONS_BY_FEATURE, PERMISSIONS, verdict, type Action, type Target } from '../permissions';

/** One row of the permission table, as it is printed. */
export interface Row {
  readonly feature: string;
  readonly action: Action;
  readonly target?: Target;
  readonly cells: Readonly<Record<Standing, Verdict>>;
}

const SUFFIXES: Readonly<Record<Target, string>> = {
  others: ', for another user',
  owner: ', of the owner',
  admin: ', of an admin',
  member: ', of a member',
};
const TARGETS = Object.keys(SUFFIXES) as Target[];

/** Every row: the action in general, then what differs for other users and for users with a role. */
export function rows(): Row[] {
  return Object.entries(PERMISSIONS_BY_FEATURE).flatMap(([feature, permissions]) =>
    (Object.keys(permissions) as Action[]).flatMap((action) => [
      { feature, action, cells: cellsOf(action) },
      ...TARGETS.filter((target) => hasRow(action, target)).map((target) => ({
        feature,
        action,
        target,
        cells: cellsOf(action, target),
      })),
    ]),
  );
}

function hasRow(action: Action, target: Target): boolean {
  const { forOthers, to } = PERMISSIONS[action] as { forOthers?: object; to?: Partial<Record<Target, object>> };
  return target === 'others' ? forOthers !== undefined : to?.[target] !== undefined;
}

const cellsOf = (action: Action, target?: Target): Row['cells'] =>
  Object.fromEntries(STANDINGS.map((by) => [by, target ? verdict(action, by, target) : verdict(action, by)])) as Record<
    Standing,
    Verdict
  >;

const HEAD = ['feature', 'action', 'service', 'owner', 'admin', 'member', 'stranger'];

/** The table in Markdown, as Prettier formats it. */
export function permissionsTable(): string {
  const lines = [
    HEAD,
    ...rows().map(({ feature, action, target, cells }) => [
      feature,
      `\`${action}\`${target === undefined ? '' : SUFFIXES[target]}`,
      ...STANDINGS.map((by) => (cells[by] === 'allowed' ? 'yes' : `\`${cells[by]}\``)),
    ]),
  ];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const print = (line: readonly string[]) => `| ${line.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const [head, ...body] = lines.map(print);
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body].join('\n');
}
