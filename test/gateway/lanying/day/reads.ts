import { asAdmin, asMember, distinct, Refused, refuseIf, userOf } from './asked';
import type { Asked, Rule, Rules, Success } from './asked';
import type { Day, Group, JoinCode } from './model';
import * as views from './views';

const aTime = expect.any(Number) as unknown;

const list =
  (find: (day: Day, asked: Asked) => Group, of: (group: Group) => readonly unknown[], isPage = false): Rule =>
  (day, asked) => {
    const group = find(day, asked);
    return { data: () => of(group), isPage };
  };

/** A dismissed group shows itself to its last members; a private one to its members. */
function info(day: Day, asked: Asked): Success {
  const group = day.groups.find(({ id }) => id === asked.fields.group_id);
  if (!group) throw new Refused(20001);
  refuseIf(!views.isShown(group, asked.by.user), group.isLive ? 20011 : 20001);
  return { data: () => views.infoOf(group, asked.by.user) };
}

function applications(day: Day, asked: Asked): Success {
  const ids = asked.fields.group_list;
  if (ids === undefined) {
    const me = userOf(asked);
    const own = day.groups.filter(({ owner, admins }) => owner === me || admins.has(me)).map(({ id }) => id);
    return { data: () => views.applicationsOf(day, own), isPage: true };
  }
  if (asked.by.as !== 'service') for (const id of ids) asAdmin(day, { ...asked, fields: { group_id: id } });
  return { data: () => views.applicationsOf(day, ids), isPage: true };
}

/** What is returned and changes nothing. */
export const reads: Rules = {
  '/group/info': info,
  '/group/settings': info,
  '/group/info/batch': (day, { by, fields }) => ({
    data: () =>
      distinct(fields.group_list).flatMap((wanted) => {
        const group = day.groups.find(({ id }) => id === wanted);
        return group && views.isShown(group, by.user) ? [views.briefOf(group, by.user)] : [];
      }),
  }),

  '/group/member_list': list(asMember, views.membersOf, true),
  '/group/admin_list': list(asMember, views.adminsOf),
  '/group/banned_list': list(asAdmin, views.bannedOf, true),
  '/group/blocked_list': list(asAdmin, views.blockedOf, true),
  '/group/announcement/list': list(asMember, views.announcementsOf),
  '/group/file/list': list(asMember, views.filesOf),
  '/group/application_list': applications,
  '/group/invitation_list': (day, asked) => {
    const me = userOf(asked);
    return { data: () => views.invitationsOf(day, me), isPage: true };
  },
  '/group/user_joined': (day, asked) => {
    const me = userOf(asked);
    return { data: () => views.joinedOf(day, me) };
  },
  '/group/public_list': (day) => ({ data: () => views.publicOf(day) }),
  '/group/members/display_name': (day, asked) => {
    const group = asMember(day, asked);
    return { data: () => views.profilesOf(group, distinct(asked.fields.user_list)) };
  },

  '/group/qrcode/sign': (day, asked) => {
    const group = asAdmin(day, asked, ({ flags }) => flags.member_invite);
    return {
      data: () => ({ qr_info: expect.any(String) as unknown, create_at: aTime, expire_at: aTime }),
      then: (data) => {
        const { qr_info: text } = data as { qr_info: string };
        day.codes.push({ text, group: group.id } satisfies JoinCode);
      },
    };
  },
};
