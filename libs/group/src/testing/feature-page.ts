import { FEATURES, type GroupSettings } from '@cohort/contracts';
import { STANDINGS, type Permission, type Standing, type Verdict } from '../permission';
import { PERMISSIONS_BY_FEATURE, PERMISSIONS, verdict, type Action, type Target } from '../permissions';

/** One row of the permission table, as it is printed. */
export interface Row {
  readonly feature: string;
  readonly action: Action;
  readonly target?: Target;
  /** The settings under which the row holds; without them, under all for which no other row of the action does. */
  readonly settings?: Partial<GroupSettings>;
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
      ...((PERMISSIONS[action] as Permission).under ?? []).map(({ settings, by }) => ({
        feature,
        action,
        settings,
        cells: by,
      })),
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

/** Such as `, if `visibility` is `chatroom``. */
const conditionOf = (settings: Row['settings']): string =>
  settings === undefined
    ? ''
    : `, if ${Object.entries(settings)
        .map(([name, value]) => `\`${name}\` is \`${value}\``)
        .join(' and ')}`;

const HEAD = ['action', 'service', 'owner', 'admin', 'member', 'stranger'];

/** A feature's rows of the permission table in Markdown, as Prettier formats it. */
function permissionsTable(feature: string): string[] {
  const ownRows = rows().filter((row) => row.feature === feature);
  if (ownRows.length === 0) return [];
  const lines = [
    HEAD,
    ...ownRows.map(({ action, target, settings, cells }) => [
      `\`${action}\`${target === undefined ? '' : SUFFIXES[target]}${conditionOf(settings)}`,
      ...STANDINGS.map((by) => (cells[by] === 'allowed' ? 'yes' : `\`${cells[by]}\``)),
    ]),
  ];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const print = (line: readonly string[]) => `| ${line.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |`;
  const [head, ...body] = lines.map(print);
  return ['', head!, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body];
}

type Declarations = Readonly<Record<string, Readonly<Record<string, object>> | undefined>>;

const LISTS: Readonly<Record<string, string>> = {
  commands: 'Commands',
  userCommands: "Commands of a user's stream",
  userBanCommands: "Commands of the stream of a user's bans",
  tenantCommands: 'Commands of a tenant',
  queries: 'Queries',
  events: 'Events',
  userEvents: "Events of a user's stream",
  userBanEvents: "Events of the stream of a user's bans",
  userNumberEvents: "Events of the stream of a user's number",
  notifications: 'Notifications',
};

const named = (name: string, declaration: object): string =>
  'version' in declaration ? `\`${name}\` (version ${String(declaration.version)})` : `\`${name}\``;

/** The largest message of each command and query, in KiB. */
function sizes(declared: Declarations): string[] {
  const all = ['commands', 'userCommands', 'userBanCommands', 'tenantCommands', 'queries'].flatMap((kind) =>
    Object.entries(declared[kind] ?? {}),
  );
  const bySize = new Map<number, string[]>();
  for (const [name, declaration] of all) {
    const { bytes } = (declaration as { readonly bounds: { readonly bytes: number } }).bounds;
    bySize.set(bytes, [...(bySize.get(bytes) ?? []), `\`${name}\``]);
  }
  const sorted = [...bySize].sort(([a], [b]) => a - b);
  const parts = sorted.map(([bytes, names]) => `${bytes / 1024} KiB (${names.join(', ')})`);
  return parts.length === 0 ? [] : [`- Largest messages: ${parts.join(', ')}`];
}

/** What a feature declares, and who may do it: the printed part of its page in docs/features. */
export function printedPart(feature: keyof typeof FEATURES): string {
  const declared: Declarations = FEATURES[feature];
  const lists = Object.entries(LISTS).flatMap(([kind, title]) => {
    const names = Object.entries(declared[kind] ?? {}).map(([name, one]) => named(name, one));
    return names.length === 0 ? [] : [`- ${title}: ${names.join(', ')}`];
  });
  return [...lists, ...sizes(declared), ...permissionsTable(feature)].join('\n');
}
