import {
  FIRST_ALIAS,
  LAST_ALIAS,
  ownNumber,
  parseGroupStream,
  parseUserNumberStream,
  type GroupEventData,
  type UserNumberEventData,
} from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';

/** What is wrong with the numbers of users: each member of a group has one, for ever, and no other user or group has it. */
export function numbersWrong(log: readonly StoredEvent[]): string[] {
  const wrong: string[] = [];
  const holders = new Map<string, string>();
  const numbered = new Set<string>();
  const members = new Set<string>();
  const take = (number: string, holder: string) => {
    const other = holders.get(number);
    if (other !== undefined) wrong.push(`${holder} has the number ${number} of ${other}`);
    holders.set(number, holder);
  };
  for (const { stream, revision, type, data } of log) {
    const user = parseUserNumberStream(stream);
    if (user !== undefined) {
      const { number } = data as UserNumberEventData['numberAssigned'];
      if (revision > 0) wrong.push(`${user.id} has a second number`);
      if (BigInt(number) < FIRST_ALIAS || BigInt(number) > LAST_ALIAS) wrong.push(`${number} is no alias`);
      take(number, `user ${user.id}`);
      numbered.add(user.id);
    }
    const group = parseGroupStream(stream);
    if (group !== undefined && type === 'created') {
      const { owner, numericId } = data as GroupEventData['created'];
      if (ownNumber(group.id) === undefined) take(numericId, `group ${group.id}`);
      members.add(owner);
    }
    if (group !== undefined && type === 'memberJoined') {
      for (const { userId } of (data as GroupEventData['memberJoined']).members) members.add(userId);
    }
  }
  const without = [...members].filter((userId) => ownNumber(userId) === undefined && !numbered.has(userId));
  return [...wrong, ...without.map((userId) => `the member ${userId} has no number`)];
}
