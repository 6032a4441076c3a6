import { DEFAULT_SETTINGS, type GroupCommandData, type GroupEvent } from '@cohort/contracts';
import {
  accept,
  groupDismissed,
  groupExists,
  mustFit,
  refuse,
  type DecideContext,
  type Decision,
  type Refused,
} from '../../decision';
import { groupCreated } from '../../facts/members';
import { mustNotBeReserved } from '../../facts/reserved';
import { mustBeAllowed } from '../../permissions';
import type { GroupState } from '../../state';

/** Begins to import a group. The same import may be begun again. */
export function importGroup(
  data: GroupCommandData<'importGroup'>,
  state: GroupState,
  context: DecideContext,
): Decision {
  const forbidden = mustBeAllowed('importGroup', data.actor, state);
  if (forbidden) return forbidden;
  switch (state.status) {
    case 'dismissed':
      return groupDismissed;
    case 'live':
      if (state.imports.importId === data.importId) return accept([]);
      return state.imports.status === 'running' ? heldBy(state.imports) : groupExists;
    case 'none':
      return begin(data, context);
  }
}

/** The refusal of another import of this id: its caller probably corrected the group's line. */
const heldBy = ({ importId }: { readonly importId: string }): Refused =>
  refuse(
    'GROUP_EXISTS',
    `An unfinished import, importId ${importId}, holds this id: continue it with that importId, and correct its capacity with changeCapacity.`,
    { importId },
  );

const DISABLED: GroupEvent = { type: 'disabled', data: { threads: true } };

function begin(data: GroupCommandData<'importGroup'>, context: DecideContext): Decision {
  const { groupId, importId, name, owner, createdAt, ownerJoinedAt = createdAt } = data;
  const { capacity = context.groupCapacity, description, avatar, ext, settings, disabled = false } = data;
  const started: GroupEvent = {
    type: 'importStarted',
    data: { importId, ...(createdAt ? { createdAt } : {}), ...(ownerJoinedAt ? { ownerJoinedAt } : {}) },
  };
  const texts = Object.entries({ description, avatar, ext }).filter(([, text]) => text !== undefined && text !== '');
  return (
    mustNotBeReserved(groupId) ??
    mustFit(1, capacity) ??
    accept([
      ...groupCreated(
        {
          name,
          owner,
          numericId: context.numericId,
          capacity,
          settings: { ...DEFAULT_SETTINGS, ...settings },
          ...Object.fromEntries(texts),
        },
        [],
      ),
      started,
      ...(disabled ? [DISABLED] : []),
    ])
  );
}
