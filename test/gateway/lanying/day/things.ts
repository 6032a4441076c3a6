import { TEXTS } from '../../../../apps/gateway/src/dialects/lanying/errors';
import { asAdmin, asMember, asOwner, authorOf, bare, distinct, refuseIf, standingOf, userOf, yes } from './asked';
import { Refused, type Asked, type Rule, type Rules } from './asked';
import { dismiss, FLAGS, join, newGroup, type Day, type Group, type Profile } from './model';
import { announcementsOf, file, infoOf } from './views';

const aNumber = expect.any(Number) as unknown;

/** Members change the group's texts where the group lets them. */
const text =
  (name: keyof Group['texts']): Rule =>
  (day, asked) => {
    const group = asAdmin(day, asked, ({ flags }) => flags.member_modify);
    return yes(() => (group.texts[name] = String(asked.fields.value)));
  };

const flag =
  (name: keyof Group['flags']): Rule =>
  (day, asked) => {
    const group = asAdmin(day, asked);
    return yes(() => (group.flags[name] = asked.fields.value === true));
  };

/** The acting member's own. */
function profileOf(day: Day, asked: Asked): Profile {
  const me = userOf(asked);
  return asMember(day, asked).members.get(me)!;
}

function announcementOf(group: Group, { fields }: Asked) {
  const one = announcementsOf(group).find(({ id }) => id === fields.announcement_id);
  if (!one) throw new Refused(20020);
  return one;
}

/** Why the actor may not change this file. */
function fileRefusal(group: Group, asked: Asked, id: number | undefined): 20022 | 20023 | undefined {
  const found = group.files.find((one) => one.id === id);
  if (!found) return 20022;
  return standingOf(group, asked) === 'member' && found.uploader !== asked.by.user ? 20023 : undefined;
}

function create(day: Day, asked: Asked) {
  const me = userOf(asked);
  const { name = '', type = 0, avatar, description, user_list: users } = asked.fields;
  const texts = { name, ...(avatar !== undefined && { avatar }), ...(description !== undefined && { description }) };
  const made = (id: number) => newGroup(id, Number(type), me, texts);
  const members = distinct([me, ...(users ?? [])]);
  const shown = made(0);
  for (const user of members) shown.members.set(user, { displayName: '', mute: 0, push: 0 });
  return {
    data: () => ({ ...infoOf(shown, me), group_id: aNumber }),
    then: (data: unknown) => {
      const group = made((data as { group_id: number }).group_id);
      day.groups.push(group);
      join(day, group, members);
    },
  };
}

/** A group's beginning and end, its texts and settings, what is in it, and what members have of their own. */
export const things: Rules = {
  '/group/create': create,
  '/group/destroy': (day, asked) => {
    const group = asOwner(day, asked);
    return yes(() => dismiss(day, group));
  },

  '/group/info/name': text('name'),
  '/group/info/avatar': text('avatar'),
  '/group/info/description': text('description'),
  '/group/info/ext': text('ext'),
  ...Object.fromEntries(Object.entries(FLAGS).map(([path, name]) => [`/group/settings/${path}`, flag(name)])),
  '/group/settings/require_admin_approval': (day, asked) => {
    const group = asAdmin(day, asked);
    return yes(() => (group.approval = asked.fields.apply_approval!));
  },

  '/group/display_name': (day, asked) => {
    const profile = profileOf(day, asked);
    return yes(() => (profile.displayName = String(asked.fields.value)));
  },
  '/group/msg/mute_mode': (day, asked) => {
    const profile = profileOf(day, asked);
    return bare(() => (profile.mute = asked.fields.msg_mute_mode!));
  },
  '/group/msg/push_mode': (day, asked) => {
    const profile = profileOf(day, asked);
    return bare(() => (profile.push = asked.fields.msg_push_mode!));
  },

  '/group/announcement/edit': (day, asked) => {
    const group = asAdmin(day, asked);
    const { title = '', content = '' } = asked.fields;
    const one = { id: group.lastAnnouncement + 1, author: authorOf(group, asked), title, content };
    return {
      data: () => announcementsOf({ ...group, announcements: [one] })[0],
      then: () => {
        group.announcements.push(one);
        group.lastAnnouncement += 1;
      },
    };
  },
  '/group/announcement/delete': (day, asked) => {
    const group = asAdmin(day, asked);
    const { id } = announcementOf(group, asked);
    return bare(() => (group.announcements = group.announcements.filter((one) => one.id !== id)));
  },
  '/group/announcement': (day, asked) => {
    const one = announcementOf(asMember(day, asked), asked);
    return { data: () => one };
  },
  '/group/announcement/last': (day, asked) => {
    const [one] = announcementsOf(asMember(day, asked));
    if (!one) throw new Refused(20020);
    return { data: () => one };
  },

  '/group/file/upload': (day, asked) => {
    const group = asMember(day, asked);
    const { name = '', size = 0, type = '', url = '' } = asked.fields;
    const one = { id: group.lastFile + 1, uploader: authorOf(group, asked), name, size, type: String(type), url };
    return {
      data: () => file(group, one),
      then: () => {
        group.files.push(one);
        group.lastFile += 1;
      },
    };
  },
  '/group/file': (day, asked) => {
    const group = asMember(day, asked);
    const one = group.files.find(({ id }) => id === asked.fields.file_id);
    if (!one) throw new Refused(20022);
    return { data: () => file(group, one) };
  },
  '/group/file/update_name': (day, asked) => {
    const group = asMember(day, asked);
    const { file_id: id, name = '' } = asked.fields;
    const code = fileRefusal(group, asked, id);
    refuseIf(code !== undefined, code ?? 20022);
    return yes(() => (group.files.find((one) => one.id === id)!.name = name));
  },
  '/group/file/delete': (day, asked) => {
    const group = asMember(day, asked);
    const ids = distinct(asked.fields.file_list);
    const results = ids.map((id) => {
      const code = fileRefusal(group, asked, id);
      return { file_id: id, ...(code ? { result: 'fail', reason: TEXTS[code] } : { result: 'success' }) };
    });
    const gone = ids.filter((id) => fileRefusal(group, asked, id) === undefined);
    return {
      data: () => results,
      then: () => (group.files = group.files.filter(({ id }) => !gone.includes(id))),
    };
  },
};
