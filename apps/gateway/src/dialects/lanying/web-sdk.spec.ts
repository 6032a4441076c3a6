import { lanying } from './dialect';

/**
 * The calls of the vendor's web SDK on groups, and those that it starts with: method, path, fields, as its published source
 * lists them. `?`: the fields of a POST stand in the query string, with the body `{}`. A GET has them there always.
 */
const CALLS = `
GET /v2/app_dns
GET /app/config
GET /roster/list
POST /group/admin/add group_id user_list
GET /group/admin_list group_id
POST /group/admin/remove group_id user_list
GET /group/announcement announcement_id group_id
POST? /group/announcement/delete announcement_id group_id
POST /group/announcement/edit group_id content title
GET /group/announcement/list group_id
POST /group/create name
POST? /group/destroy group_id
GET /group/info group_id
POST /group/info/avatar group_id value
POST /group/info/description group_id value
POST /group/info/ext group_id value
POST /group/info/name group_id value
GET /group/member_list group_id
POST /group/msg/mute_mode group_id msg_mute_mode
POST /group/msg/not_disturb group_id value
GET /group/public_list
GET /group/banned_list group_id
POST /group/ban group_id duration user_list
POST /group/unban group_id user_list
GET /group/settings group_id
POST /group/settings/allow_member_invitation group_id value
POST /group/settings/allow_member_modify group_id value
POST /group/settings/enable_read_ack group_id value
POST /group/settings/history_visible group_id value
POST /group/settings/hide_member_info group_id value
POST /group/settings/require_admin_approval group_id apply_approval
POST /group/settings/ban_all group_id duration
POST /group/settings/unban_all group_id
POST /group/transfer group_id new_owner
GET /group/user_joined
POST /group/apply group_id
POST /group/apply/handle approval group_id user_id
GET /group/blocked_list group_id
POST /group/block user_list group_id
POST /group/unblock user_list group_id
POST /group/kick user_list group_id
POST /group/invite user_list group_id
POST /group/invite/handle approval user_id group_id
POST /group/info/batch group_list
POST /group/members/display_name group_id user_list
POST? /group/leave group_id
POST /group/display_name group_id value
POST /group/application_list group_list
GET /group/invitation_list
GET /group/file/list group_id
POST /group/file/delete file_list group_id
POST /group/file/upload name size url group_id
GET /file/upload/avatar/group group_id
GET /app/qrcode/group_sign group_id
GET /app/qrcode/group_invite qr_info
`;

const calls = CALLS.trim()
  .split('\n')
  .map((line): [string, readonly string[]] => {
    const [method = '', path = '', ...fields] = line.split(' ');
    return [`${method} ${path}`, fields];
  });

test.each(calls)(
  '%s of the web SDK has a row that reads its fields where they stand, and needs no others',
  (call, sent) => {
    const [method = '', path] = call.split(' ');
    const isQuery = method !== 'POST';
    const row = lanying.operations.find(
      (one) => one.path === path && one.methods.some((name) => method.startsWith(name)),
    );
    const input = row?.input ?? {};
    expect(sent.map((field) => [field, input[field]?.in])).toEqual(
      sent.map((field) => [field, isQuery ? 'query' : 'body']),
    );
    const needed = Object.keys(input).filter((field) => input[field]!.required);
    expect([row?.path, needed.filter((field) => !sent.includes(field))]).toEqual([path, []]);
  },
);
