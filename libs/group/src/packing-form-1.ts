import type { PackedPart, SliceVersions } from './packing';
import type { Info } from './state/info';
import type { MembershipPart } from './state/membership';
import type { RolesPart } from './state/roles';

/** The first packed form, of before slices: one version, 1, stood for the whole state. Snapshots still have it. */

/** What version 1 of the whole state means. */
export const FORM_1_VERSIONS: SliceVersions = { info: 1, membership: 1, roles: 1 };

/** Everything but the members. */
interface HeadPart {
  readonly kind: 'head';
  readonly state:
    | { readonly status: 'none' | 'dismissed' }
    | (Info & {
        readonly status: 'live';
        readonly owner: string;
        readonly capacity: number;
        readonly nextSeq: number;
      });
}
/** Members by columns: the i-th of each belong together; `roles` has a letter for each: o, a or m. */
interface MembersPart {
  readonly kind: 'members';
  readonly ids: readonly string[];
  readonly roles: string;
  readonly seqs: readonly number[];
}
export type Form1Part = HeadPart | MembersPart;

/** The same part in today's form, with the slices at version 1. */
export function fromForm1(part: Form1Part): PackedPart {
  if (part.kind === 'members') {
    const { ids, roles, seqs } = part;
    if (roles.length !== ids.length) throw new Error('A packed group has columns of unequal length.');
    return live({ membership: { ids, seqs }, roles: { admins: ids.filter((_id, i) => roles[i] === 'a') } });
  }
  if (part.state.status !== 'live') return { kind: 'slices', status: part.state.status, parts: [] };
  const { name, description, avatar, ext, numericId, owner, capacity, nextSeq } = part.state;
  return live({
    info: { name, description, avatar, ext, numericId },
    membership: { capacity, nextSeq },
    roles: { owner },
  });
}

const live = (parts: { info?: Info; membership: MembershipPart; roles: RolesPart }): PackedPart => ({
  kind: 'slices',
  status: 'live',
  parts: Object.entries(parts),
});
