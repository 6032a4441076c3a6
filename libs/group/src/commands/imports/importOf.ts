import type { Actor } from '@cohort/contracts';
import { groupDismissed, groupNotFound, refuse, type Refused } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import type { GroupState, LiveGroup } from '../../state';

/** The group that this import makes or made, or the refusal of a command of another import. */
export function importOf(
  action: 'importMembers' | 'completeImport',
  { actor, importId }: { readonly actor: Actor; readonly importId: string },
  state: GroupState,
): { readonly ok: true; readonly live: LiveGroup } | Refused {
  const forbidden = mustBeAllowed(action, actor, state);
  if (forbidden) return forbidden;
  if (state.status === 'none') return groupNotFound;
  if (state.status === 'dismissed') return groupDismissed;
  if (state.imports.importId === importId) return { ok: true, live: state };
  return refuse('IMPORT_MISMATCH', 'The group was not made by this import.');
}

/** The refusal of a chunk that isn't the next, and of an end at which chunks are missing. */
export const outOfOrder = ({ next }: LiveGroup['imports']): Refused =>
  refuse('IMPORT_OUT_OF_ORDER', `The next chunk of the import is number ${next}.`, { expected: next });
