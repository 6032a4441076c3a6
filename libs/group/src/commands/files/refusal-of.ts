import type { Actor, ErrorCode } from '@cohort/contracts';
import { protectionOfThing } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Why the actor, a member or a service, may not change this file. */
export function refusalOf(
  fileId: string,
  action: 'renameFile' | 'removeFiles',
  actor: Actor,
  group: LiveGroup,
): Extract<ErrorCode, 'FILE_NOT_FOUND' | 'NOT_THE_UPLOADER'> | undefined {
  const file = group.files.files.get(fileId);
  if (file === undefined) return 'FILE_NOT_FOUND';
  return protectionOfThing(file.uploader, action, actor, group) === undefined ? undefined : 'NOT_THE_UPLOADER';
}
