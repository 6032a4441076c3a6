import type { Role } from '@cohort/contracts';
import { Map } from 'immutable';
import type { GroupState, LiveGroup, Member } from './state';

/** Largest JSON of one part, in bytes: with its envelope it stays within a snapshot's chunk of 512 KiB. */
export const MAX_PART_BYTES = 480 * 1024;

/** Everything but the members. */
interface HeadPart {
  readonly kind: 'head';
  readonly state: Exclude<GroupState, LiveGroup> | Omit<LiveGroup, 'members'>;
}
/** Members by columns: the i-th of each belong together; `roles` has a letter for each. */
interface MembersPart {
  readonly kind: 'members';
  readonly ids: readonly string[];
  readonly roles: string;
  readonly seqs: readonly number[];
}
/** A piece of a packed state, as JSON. */
export type PackedPart = HeadPart | MembersPart;

const LETTERS: Readonly<Record<Role, string>> = { owner: 'o', admin: 'a', member: 'm' };
const ROLES_BY_LETTER: Readonly<Record<string, Role>> = { o: 'owner', a: 'admin', m: 'member' };

/** A state as parts, the head first, each made when it is asked for, so that a large group doesn't hold up others. */
export function* packState(state: GroupState): Generator<PackedPart> {
  if (state.status !== 'live') {
    yield { kind: 'head', state };
    return;
  }
  const { members, ...head } = state;
  yield { kind: 'head', state: head };

  let part = emptyPart();
  for (const [userId, { role, seq }] of members) {
    const bytes = Buffer.byteLength(JSON.stringify(userId)) + String(seq).length + 3;
    if (part.bytes + bytes > MAX_PART_BYTES) {
      yield membersPart(part);
      part = emptyPart();
    }
    part.ids.push(userId);
    part.roles.push(LETTERS[role]);
    part.seqs.push(seq);
    part.bytes += bytes;
  }
  if (part.ids.length > 0) yield membersPart(part);
}

/** One step of unpacking, as `evolve` is for events: start with `initialState`, give the parts in order. */
export function unpackPart(state: GroupState, part: PackedPart): GroupState {
  if (part.kind === 'head')
    return part.state.status === 'live' ? { ...part.state, members: Map<string, Member>() } : part.state;
  if (state.status !== 'live') throw new Error('A packed group begins with its head.');
  const { ids, roles, seqs } = part;
  const members = state.members.withMutations((map) => {
    ids.forEach((userId, i) => map.set(userId, memberOf(roles[i], seqs[i])));
  });
  return { ...state, members };
}

const emptyPart = () => ({ ids: [] as string[], roles: [] as string[], seqs: [] as number[], bytes: 64 });

const membersPart = ({ ids, roles, seqs }: ReturnType<typeof emptyPart>): MembersPart => ({
  kind: 'members',
  ids,
  roles: roles.join(''),
  seqs,
});

function memberOf(letter: string | undefined, seq: number | undefined): Member {
  const role = ROLES_BY_LETTER[letter ?? ''];
  if (role === undefined || seq === undefined) throw new Error('A packed group has columns of unequal length.');
  return { role, seq };
}
