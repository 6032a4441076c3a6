import * as fc from 'fast-check';
import { actor, name, someSettings, userId, type Samples } from './sample';

const importId = fc.constantFrom('i1', 'i2');
const chunk = fc.nat(2);
const entry = fc.oneof(
  fc.record({ userId, role: fc.constantFrom('member' as const, 'admin' as const), banned: fc.boolean() }),
  fc.record({ userId, blocked: fc.constant(true) }),
);
const members = fc.array(entry, { minLength: 1, maxLength: 4 });

export const imports = {
  importGroup: {
    fields: fc.record({ actor, importId, name, owner: userId, settings: someSettings, disabled: fc.boolean() }),
    example: (id) => ({ importId: 'i1', name: 'Sales', owner: id }),
    holds: (data, state) => state.status === 'live' && state.imports.importId === data.importId,
  },
  importMembers: {
    fields: fc.record({ actor, importId, chunk, members }),
    example: (id) => ({ importId: 'i1', chunk: 0, members: [{ userId: id }] }),
    holds: (data, state) => state.status === 'live' && state.imports.next > data.chunk,
  },
  completeImport: {
    fields: fc.record({ actor, importId, chunks: chunk }),
    example: () => ({ importId: 'i1', chunks: 0 }),
    holds: (_data, state) => state.status === 'live' && state.imports.status === 'done',
  },
} satisfies Samples;
