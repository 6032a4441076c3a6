import { MAX_JOIN_CODE_LENGTH, readJoinCode, type JoinCodeAnswer } from '@cohort/contracts';
import { bare, data, ms } from '../envelope';
import { LanyingError } from '../errors';
import { body, groupIdInQuery, query, text } from '../fields';
import { operation, type Row } from '../operation';
import { MS, object, STRING } from '../views';

const code = text(MAX_JOIN_CODE_LENGTH, 1);

const sign = {
  summary: 'returns a text for a QR code by which users join the group; whoever may invite may have one',
  access: 'member',
  input: { group_id: groupIdInQuery },
  does: ({ as, actor, input }: Row<{ group_id: typeof groupIdInQuery }>) =>
    as.query('joinCode', {
      groupId: input.group_id,
      ...(actor.type === 'user' ? { userId: actor.id } : {}),
    }),
  answer: data(
    object({ qr_info: STRING, create_at: MS, expire_at: MS }),
    { qr_info: 'WyJnMSIsMCwx...', create_at: 1790000000000, expire_at: 1790604800000 },
    ({ code: qr_info, createdAt, expiresAt }: JoinCodeAnswer) => ({
      ...{ qr_info, create_at: ms(createdAt), expire_at: ms(expiresAt) },
    }),
  ),
} as const;

async function join({ as, me }: Pick<Row<object>, 'as' | 'me'>, qrInfo: string): Promise<unknown> {
  const groupId = readJoinCode(qrInfo)?.groupId;
  if (groupId === undefined) throw new LanyingError(20024);
  return as.command('joinByCode', { groupId, code: qrInfo, userId: me() });
}

const joining = { summary: 'the acting user joins by a QR code', access: 'user', answer: bare } as const;

/** Users join by a code. The web SDK has paths of its own for it. */
export const joinKeys = [
  operation('signCode', 'GET', '/group/qrcode/sign', { source: '7.57', ...sign }),
  operation('signCodeOfSdk', 'GET', '/app/qrcode/group_sign', { source: 'Web SDK', ...sign }),

  operation('joinByCode', 'POST', '/group/qrcode/invite', {
    source: '7.56',
    ...joining,
    input: { qr_info: body.required(code) },
    does: (row) => join(row, row.input.qr_info),
  }),

  operation('joinByCodeOfSdk', 'GET', '/app/qrcode/group_invite', {
    source: 'Web SDK',
    ...joining,
    input: { qr_info: query.required(code) },
    does: (row) => join(row, row.input.qr_info),
  }),
];
