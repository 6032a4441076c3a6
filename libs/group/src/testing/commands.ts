import type { Actor, GroupCommand, GroupCommandData, GroupCommandName } from '@cohort/contracts';
import { service } from '@cohort/contracts/testing';

export type CommandFields<N extends GroupCommandName> = Omit<
  GroupCommandData<N>,
  'app' | 'actor' | 'groupId' | 'commandId' | 'expectedRevision'
> & { actor?: Actor; groupId?: string };

/** A command on group `g` of tenant `demo`, by a service if the fields name no other actor. */
export const command = <N extends GroupCommandName>(type: N, fields: CommandFields<N>): GroupCommand =>
  ({ type, data: { app: 'demo', actor: service, groupId: 'g', ...fields } }) as GroupCommand;
