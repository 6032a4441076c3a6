import { userKeyStream } from '@cohort/contracts';
import { readOne, type EventStore } from '@cohort/event-store';
import type { GroupState } from '@cohort/group';
import type { Journal } from './journal';
import { APP } from './plan';

/** Users whose erasure was accepted, and who are in a group still, or have a key still. */
export async function erasedWrong(
  groups: ReadonlyMap<string, GroupState>,
  { erased }: Journal,
  store: EventStore,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const [stream, state] of groups) {
    if (state.status !== 'live') continue;
    const { membership, applications, invitations } = state;
    for (const userId of membership.members.keys()) {
      if (erased.has(userId)) wrong.push(`${userId} was erased, and is a member of ${stream}`);
    }
    for (const [userId] of [...applications.pending, ...invitations.pending]) {
      if (erased.has(userId)) wrong.push(`${userId} was erased, and has a pending request in ${stream}`);
    }
  }
  for (const userId of erased.keys()) {
    const oldest = await readOne(store, userKeyStream(APP, userId));
    if (oldest && oldest.type !== 'keysErased') wrong.push(`${userId} was erased, and their first key is there`);
  }
  return wrong;
}
