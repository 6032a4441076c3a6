import type { GroupCommandData } from '@cohort/contracts';
import { refuse, type DecideContext, type Decision } from '../../decision';
import { authorOf } from '../../facts/author';
import { mustBeAllowed } from '../../permissions';
import type { LiveGroup } from '../../state';

/** Shares a file under the group's next number. */
export function shareFile(
  { actor, name, size, type = '', url }: GroupCommandData<'shareFile'>,
  group: LiveGroup,
  { limits }: DecideContext,
): Decision {
  const forbidden = mustBeAllowed('shareFile', actor, group);
  if (forbidden) return forbidden;
  if (size > limits.fileBytes) {
    const message = `A shared file may have at most ${limits.fileBytes} bytes; this one has ${size}.`;
    return refuse('FILE_TOO_LARGE', message, { limit: limits.fileBytes, size });
  }
  const limit = limits.filesPerGroup;
  if (group.files.files.size >= limit) {
    const message = `The group may have at most ${limit} files; remove some first.`;
    return refuse('FILE_LIMIT_REACHED', message, { limit });
  }
  const fileId = String(group.files.last + 1);
  const data = { fileId, name, size, type, url, uploader: authorOf(actor, group) };
  return { ok: true, events: [{ type: 'fileShared', data }], made: fileId };
}
