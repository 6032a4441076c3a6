import type {
  EventMember,
  GroupEventData,
  GroupEventType,
  NotificationData,
  NotificationKind,
  Opened,
} from '@cohort/contracts';

/** One notification to each of some users. */
export type Notice = {
  readonly [K in NotificationKind]: {
    readonly kind: K;
    readonly to: readonly string[];
    readonly data: NotificationData[K];
  };
}[NotificationKind];

/** What a rule may ask beyond the event's data. */
export interface Asked {
  /** The group's owner when the event happened; undefined when the query app doesn't know the group. */
  owner(): Promise<string | undefined>;
  /** The group's owner and admins, no earlier than the event; none when the query app doesn't know the group. */
  admins(): Promise<readonly string[]>;
}

/** The notices that an event of this type asks for. The user who acted is left out later. */
export type Rule<T extends GroupEventType> = (
  data: Opened<GroupEventData[T]>,
  asked: Asked,
) => readonly Notice[] | Promise<readonly Notice[]>;

/** The rules of a feature, one for each type of its events. */
export type Rules<T extends GroupEventType = GroupEventType> = { readonly [K in T]: Rule<K> };

/** The rule of an event that concerns no single user, or only the one who acted. */
export const notifiesNobody = (): readonly Notice[] => [];

export const notice = <K extends NotificationKind>(
  kind: K,
  to: readonly string[],
  data: NotificationData[K],
): readonly Notice[] => [{ kind, to, data } as Notice];

export const idsOf = (members: readonly EventMember[]): string[] => members.map(({ userId }) => userId);
