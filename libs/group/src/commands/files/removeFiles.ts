import type { FileResult, GroupCommandData, RemovedFile } from '@cohort/contracts';
import { distinct, type Decision } from '../../decision';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';
import { refusalOf } from './refusal-of';

/** Removes files. One that the actor may not remove stays, and the others go. */
export function removeFiles({ actor, ...data }: GroupCommandData<'removeFiles'>, group: LiveGroup): Decision {
  const forbidden = mustBeAllowed('removeFiles', actor, group);
  if (forbidden) return forbidden;
  const fileResults: FileResult[] = distinct(data.fileIds).map((fileId) => {
    const code = refusalOf(fileId, 'removeFiles', actor, group);
    return code === undefined ? { fileId, ok: true } : { fileId, ok: false, code };
  });
  const files: RemovedFile[] = fileResults
    .filter(({ ok }) => ok)
    .map(({ fileId }) => ({ fileId, uploader: group.files.files.get(fileId)!.uploader }));
  return { ok: true, events: files.length === 0 ? [] : [{ type: 'fileRemoved', data: { files } }], fileResults };
}
