import type { Values } from '../cases';
import type { OperationCase, OperationCases } from './operation-case';
import type { World } from './world';

/** The code that `given` made in each world. */
const codes = new WeakMap<World, string>();

const withCode = async (world: World) => {
  const { groupId, owner, nats } = world;
  const { code } = await nats.query('joinCode', { groupId: String(groupId), userId: String(owner) });
  codes.set(world, code);
};
const qrInfo = (world: World): Values => ({ qr_info: codes.get(world) ?? '' });
const aTime = expect.any(Number) as unknown;

const sign: OperationCase = {
  fields: ({ groupId }) => ({ group_id: groupId }),
  answers: () => ({
    code: 200,
    data: { qr_info: expect.any(String) as unknown, create_at: aTime, expire_at: aTime },
  }),
  refuses: { member: 20012, stranger: 20011 },
};

const join: OperationCase = {
  by: 'stranger',
  given: withCode,
  fields: qrInfo,
  answers: () => ({ code: 200 }),
  then: async ({ groupId, stranger, owner, nats }) => {
    const member = await nats.query('member', { groupId: String(groupId), userId: String(stranger) });
    expect(member).toMatchObject({ joinedVia: 'code', joinedBy: String(owner) });
  },
};

export const joinKeys: OperationCases = {
  '/group/qrcode/sign': sign,
  '/group/qrcode/invite': join,
  '/app/qrcode/group_sign': sign,
  '/app/qrcode/group_invite': join,
};
