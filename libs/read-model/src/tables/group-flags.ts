import { JOIN_POLICIES, VISIBILITIES, type GroupSettings } from '@cohort/contracts';

/**
 * A group's settings as its row has them: `visibility` by its place in `VISIBILITIES`, and all else in the bits of `flags`,
 * since every column that a list reads costs time. Bit 0: disabled. Bits 1 and 2: the join policy by its place in
 * `JOIN_POLICIES`. Then a bit for each setting that is on or off, in this order; new ones go last.
 */
const ON_OFF = [
  'membersMayInvite',
  'membersMayModify',
  'readAck',
  'historyVisible',
  'hideMemberInfo',
  'inviteNeedsConfirm',
] as const satisfies (keyof GroupSettings)[];
type OnOff = (typeof ON_OFF)[number];

const DISABLED = 1;
const JOIN_POLICY = 0b110;
const bitOf = (index: number): number => 1 << (index + 3);

export interface StoredFlags {
  visibility: number;
  flags: number;
}

/** Sets these settings in a row, and leaves the others. */
export function setSettings(row: StoredFlags, settings: Partial<GroupSettings>): void {
  const { visibility, joinPolicy } = settings;
  if (visibility !== undefined) row.visibility = VISIBILITIES.indexOf(visibility);
  if (joinPolicy !== undefined) row.flags = (row.flags & ~JOIN_POLICY) | (JOIN_POLICIES.indexOf(joinPolicy) << 1);
  let { flags } = row;
  for (let index = 0; index < ON_OFF.length; index++) {
    const on = settings[ON_OFF[index]!];
    if (on !== undefined) flags = on ? flags | bitOf(index) : flags & ~bitOf(index);
  }
  row.flags = flags;
}

export const setDisabled = (row: StoredFlags, disabled: boolean): void => {
  row.flags = disabled ? row.flags | DISABLED : row.flags & ~DISABLED;
};

export const isDisabled = ({ flags }: Readonly<Pick<StoredFlags, 'flags'>>): boolean => (flags & DISABLED) !== 0;

export const settingsOf = ({ visibility, flags }: Readonly<StoredFlags>): GroupSettings => ({
  visibility: VISIBILITIES[visibility]!,
  joinPolicy: JOIN_POLICIES[(flags & JOIN_POLICY) >> 1]!,
  ...(Object.fromEntries(ON_OFF.map((name, index) => [name, (flags & bitOf(index)) !== 0])) as Record<OnOff, boolean>),
});
