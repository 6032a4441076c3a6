import type { CohortClient } from '@cohort/client';
import {
  CohortError,
  isNotice,
  type CommandData,
  type ErrorCode,
  type GroupCommandAnswer,
  type Owned,
  type Position,
} from '@cohort/contracts';
import type { Sync } from './newest-sync';
import type { Step } from './plan';

export type StepOutcome =
  | { readonly kind: 'done'; readonly position: Position }
  /** The group can be joined or left neither now nor later. */
  | { readonly kind: 'impossible' }
  /** The outcome is open; the next look shows it. */
  | { readonly kind: 'unclear' };

type Client = Pick<CohortClient, 'command'>;

/** Errors that no retry overcomes. An older build may have stored a name that is invalid today. */
const IMPOSSIBLE: Readonly<Record<Step['kind'], readonly ErrorCode[]>> = {
  join: [
    // It is being imported.
    'GROUP_EXISTS',
    'GROUP_DISMISSED',
    'GROUP_DISABLED',
    'CAPACITY_REACHED',
    'GROUP_ID_RESERVED',
    'DATA_ERASED',
    'DATA_DAMAGED',
    'VALIDATION_FAILED',
    'NAME_FORBIDDEN',
  ],
  leave: ['DATA_DAMAGED', 'GROUP_DISABLED'],
  withdraw: ['DATA_DAMAGED'],
};
/** The group that the user is to leave no longer exists, or a command with this id was carried out long ago. */
const UNCLEAR: readonly ErrorCode[] = [
  'GROUP_DISMISSED',
  'GROUP_NOT_FOUND',
  'DATA_ERASED',
  'COMMAND_EXPIRED',
  'COMMAND_ID_REUSED',
];

/** Sends one group's command. @throws errors that may be retried */
export async function sendStep(
  client: Client,
  user: Owned,
  sync: Sync,
  step: Step,
  commandId: string,
): Promise<StepOutcome> {
  const { notice } = sync.request.metadata;
  const command = {
    app: user.app,
    actor: { type: 'service' } as const,
    commandId,
    groupId: step.groupId,
    ...(isNotice(notice) ? { notice } : {}),
  };
  try {
    const { position, results } = await send(client, step, command, user.id, sync);
    // The group blocks the user: only `unblock` helps.
    if (step.kind === 'join' && results?.some(({ ok }) => !ok)) return { kind: 'impossible' };
    return { kind: 'done', position };
  } catch (error) {
    const code = error instanceof CohortError ? error.code : undefined;
    if (code !== undefined && IMPOSSIBLE[step.kind].includes(code)) return { kind: 'impossible' };
    if (code !== undefined && UNCLEAR.includes(code)) return { kind: 'unclear' };
    throw error;
  }
}

/** The user leaves a group by `eraseMember` if they are erased: it passes a disabled group, and the erasure's policy counts. */
function send(
  client: Client,
  step: Step,
  command: Omit<CommandData<'eraseRequests'>, 'userId'>,
  userId: string,
  { number, capacity, erase }: Sync,
): Promise<GroupCommandAnswer> {
  const ofSync = { ...command, userIds: [userId], sync: number };
  switch (step.kind) {
    case 'join': {
      const limits = capacity === undefined ? {} : { capacity };
      return client.command('createOrJoin', { ...ofSync, name: step.name, rename: true, ...limits });
    }
    case 'leave':
      if (erase === undefined) return client.command('leaveMany', { ...ofSync, ownerPolicy: 'oldestMember' });
      return client.command('eraseMember', { ...command, ...erase, userId, sync: number });
    case 'withdraw':
      return client.command('eraseRequests', { ...command, userId });
  }
}
