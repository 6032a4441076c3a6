import type { Actor } from '@cohort/contracts';
import type { Caller } from '../../../dialect/caller';
import { answerOf } from '../../../dialect/files/tenant-files';
import { uploadOf } from '../../../dialect/files/upload';
import { newFileName } from '@cohort/file-store';
import { addressAt, TICKET_LENGTH } from '../addresses';
import { AVATAR_DOWNLOAD_PATH, AVATAR_UPLOAD_PATH } from '../auth';
import { bytes, data, yes } from '../envelope';
import { badField, LanyingError } from '../errors';
import { groupIdInQuery, query, text, type LanyingCall } from '../fields';
import { operation, type Row } from '../operation';
import { object, STRING } from '../views';

const SOURCE = 'Web SDK';
/** Milliseconds for which an address takes an upload. */
const UPLOAD_MS = 15 * 60_000;

/** Who asked for an address, for what. */
interface Claims {
  readonly group: string;
  /** The name of the bytes. */
  readonly name: string;
  /** The acting user; absent for the service. */
  readonly by?: string;
}

const downloadOf = (call: LanyingCall, name: string): string =>
  addressAt(call, AVATAR_DOWNLOAD_PATH, { object_name: name });

/** Throws unless the actor may change the avatar, so that no bytes are stored for those who may not. */
async function mayChange(as: Caller, actor: Actor, groupId: string): Promise<void> {
  const { settings, status } = await as.query('group', { groupId });
  if (status === 'dismissed') throw new LanyingError(20001);
  if (actor.type === 'service' || settings.membersMayModify) return;
  const { role } = await as.query('isMember', { groupId, userId: actor.id });
  if (role === 'member') throw new LanyingError(20012);
}

async function addresses({ as, actor, input: { group_id: group }, call }: Row<{ group_id: typeof groupIdInQuery }>) {
  await mayChange(as, actor, group);
  const name = newFileName();
  const claims: Claims = { group, name, ...(actor.type === 'user' ? { by: actor.id } : {}) };
  const ticket = await as.files.ticket('upload', claims, UPLOAD_MS);
  return { upload_url: addressAt(call, AVATAR_UPLOAD_PATH, { ticket }), download_url: downloadOf(call, name) };
}

/** Avatars of groups, with their bytes. */
export const avatars = [
  operation('avatarAddresses', 'GET', AVATAR_UPLOAD_PATH, {
    source: SOURCE,
    summary: "returns where to send a new avatar's bytes within 15 minutes, and where it is then",
    access: 'member',
    input: { group_id: groupIdInQuery },
    does: addresses,
    answer: data(
      object({ upload_url: STRING, download_url: STRING, upload_method: STRING, oss_body_param: { type: 'object' } }),
      {
        upload_url: 'https://example.org/file/upload/avatar/group?app_id=demo&ticket=...',
        download_url: 'https://example.org/file/download/avatar?app_id=demo&object_name=...',
        ...{ upload_method: 'POST', oss_body_param: {} },
      },
      (urls: Awaited<ReturnType<typeof addresses>>) => ({ ...urls, upload_method: 'POST', oss_body_param: {} }),
    ),
  }),

  operation('uploadAvatar', 'POST', AVATAR_UPLOAD_PATH, {
    source: SOURCE,
    summary: "makes the image of the form the group's avatar; the ticket of the address is the token",
    access: 'anyone',
    file: 'taken',
    input: { ticket: query.required(text(TICKET_LENGTH, 1)) },
    does: async ({ as, input, call }) => {
      const claims = await as.files.claims<Claims>('upload', input.ticket);
      if (!claims) throw badField('ticket', 'is not valid, or its time is over');
      const { group: groupId, name, by } = claims;
      const uploaded = await as.files.take(uploadOf(call), groupId, 'avatar', name);
      if (!uploaded) throw badField('file', 'is required in a form');
      const actor: Actor = by === undefined ? { type: 'service' } : { type: 'user', id: by };
      await as.files.with(uploaded, () =>
        as.by(actor).command('changeInfo', { groupId, avatar: downloadOf(call, name) }),
      );
    },
    answer: yes,
  }),

  operation('downloadAvatar', 'GET', AVATAR_DOWNLOAD_PATH, {
    source: SOURCE,
    summary: 'returns the bytes of an avatar; needs no token',
    access: 'anyone',
    input: { object_name: query.required(text(64, 1)) },
    does: async ({ as, input: { object_name: name } }) => {
      const file = await as.files.avatar(name);
      const { type = '' } = file.labels;
      return answerOf(file, `avatar.${type.split('/')[1]}`, type, 'public');
    },
    answer: bytes,
  }),
];
