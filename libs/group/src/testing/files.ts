import * as fc from 'fast-check';
import type { GroupState } from '../state';
import { actor, name, type Samples } from './sample';

const fileId = fc.constantFrom('1', '2', '3');

const fileIn = (state: GroupState, id: string) => (state.status === 'live' ? state.files.files.get(id) : undefined);

/** Examples take a file whose id is that of its uploader. */
export const files = {
  shareFile: {
    fields: fc.record({ actor, name, size: fc.nat(9), url: name }),
    example: () => ({ name: 'plan.pdf', size: 1_024, url: 'https://example.org/plan.pdf' }),
    holds: ({ name }, state) => state.status === 'live' && fileIn(state, String(state.files.last))?.name === name,
    addsEachTime: true,
  },
  renameFile: {
    fields: fc.record({ actor, fileId, name }),
    example: (id) => ({ fileId: id, name: 'Again' }),
    holds: ({ fileId: id, name }, state) => fileIn(state, id)?.name === name,
  },
  removeFiles: {
    fields: fc.record({ actor, fileIds: fc.array(fileId, { maxLength: 4 }) }),
    example: (id) => ({ fileIds: [id] }),
    // A file of another user may stay.
    holds: ({ actor, fileIds }, state) =>
      actor.type === 'user' || !fileIds.some((id) => fileIn(state, id) !== undefined),
  },
} satisfies Samples;
