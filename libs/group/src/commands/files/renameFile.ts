import type { GroupCommandData } from '@cohort/contracts';
import { accept, refuse, type Decision } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';
import { refusalOf } from './refusal-of';

/** Gives a file another name. */
export function renameFile({ actor, fileId, name }: GroupCommandData<'renameFile'>, group: LiveGroup): Decision {
  const forbidden = mustBeAllowed('renameFile', actor, group);
  if (forbidden) return forbidden;
  switch (refusalOf(fileId, 'renameFile', actor, group)) {
    case 'FILE_NOT_FOUND':
      return refuse('FILE_NOT_FOUND', `The group has no file ${fileId}.`, { fileId });
    case 'NOT_THE_UPLOADER': {
      const message = `Only the uploader of file ${fileId}, the owner and the admins of the group may rename it.`;
      return refuse('NOT_THE_UPLOADER', message, { fileId });
    }
    case undefined:
      return accept(
        group.files.files.get(fileId)?.name === name ? [] : [{ type: 'fileRenamed', data: { fileId, name } }],
      );
  }
}
