import { LIMITS, OnGroup, onGroup } from '../command';
import { event } from '../event';
import { HasSettings } from '../group-settings';
import { maybe, wholeNumber, word, yesOrNo } from '../shape';
import type { GroupSettings, JoinPolicy, Visibility } from '../terms';
import { IsWhole } from '../validation';

/** Changes the given settings and leaves the others; by the owner, an admin or a service. */
@HasSettings
export class ChangeSettings extends OnGroup implements Partial<GroupSettings> {
  visibility?: Visibility;
  joinPolicy?: JoinPolicy;
  membersMayInvite?: boolean;
  membersMayModify?: boolean;
  readAck?: boolean;
  historyVisible?: boolean;
  hideMemberInfo?: boolean;
  inviteNeedsConfirm?: boolean;
}

/**
 * Changes the most members that the group may have; by the owner, an admin or a service. Below the present number of
 * members it is `CAPACITY_REACHED`.
 */
export class ChangeCapacity extends OnGroup {
  @IsWhole(1, LIMITS.capacity)
  capacity!: number;
}

/** `settingsChanged`: only the changed settings are present. */
export type SettingsChanged = Partial<GroupSettings>;

/** `capacityChanged` */
export interface CapacityChanged {
  /** Most members that the group may have now. */
  readonly capacity: number;
}

export const settings = {
  commands: { changeSettings: onGroup(ChangeSettings), changeCapacity: onGroup(ChangeCapacity) },
  events: {
    settingsChanged: event<SettingsChanged>({
      visibility: maybe(word),
      joinPolicy: maybe(word),
      membersMayInvite: maybe(yesOrNo),
      membersMayModify: maybe(yesOrNo),
      readAck: maybe(yesOrNo),
      historyVisible: maybe(yesOrNo),
      hideMemberInfo: maybe(yesOrNo),
      inviteNeedsConfirm: maybe(yesOrNo),
    }),
    capacityChanged: event<CapacityChanged>({ capacity: wholeNumber }),
  },
} as const;
