import { asAdmin, asMember, asOwner, authorOf, bare, groupOf, protection, refuseIf, sorted, standingOf } from './asked';
import { Refused, userOf, yes, type Asked, type Rules, type Success } from './asked';
import { endOf, go, join, type Day, type Group } from './model';
import { banExpiry } from './views';

const ofUser = (user: number, then: Success['then']): Success => ({
  data: () => ({ user_id: user, result: 'success' }),
  ...(then && { then }),
});

/** Users whom the actor may have gone, and their results. */
const removable = (group: Group, asked: Asked) => sorted(asked, protection(group, asked, 10010));

function apply(day: Day, asked: Asked): Success {
  const user = userOf(asked);
  const group = groupOf(day, asked);
  refuseIf(group.members.has(user), 20017);
  refuseIf(group.blocked.has(user), 20018);
  refuseIf(group.type === 0 || (group.type === 1 && group.approval === 2), 10010);
  const reason = asked.fields.reason ?? '';
  return ofUser(user, () => {
    if (group.type === 2 || group.approval === 0) return join(day, group, [user]);
    group.applications = group.applications.filter(({ applicant }) => applicant !== user);
    group.applications.push({ applicant: user, reason, status: 0 });
  });
}

function handleApplication(day: Day, asked: Asked): Success {
  const group = asAdmin(day, asked);
  const { user_id: applicant = 0, approval } = asked.fields;
  const application = group.applications.find((one) => one.applicant === applicant && one.status === 0);
  if (!application) throw new Refused(20014);
  refuseIf(approval === true && group.blocked.has(applicant), 20018);
  return ofUser(applicant, () => {
    if (approval) join(day, group, [applicant]);
    else application.status = 2;
  });
}

function invite(day: Day, asked: Asked): Success {
  const group = asAdmin(day, asked, ({ flags }) => flags.member_invite);
  const inviter = authorOf(group, asked);
  const { taken, results } = sorted(asked, (user) => {
    if (group.members.has(user)) return 20017;
    return group.blocked.has(user) ? 20018 : undefined;
  });
  const reason = asked.fields.reason ?? '';
  const isSame = (one: Day['invitations'][number], user: number) =>
    one.group === group.id && one.inviter === inviter && one.invitee === user;
  return {
    data: () => results,
    then: () => {
      for (const invitee of taken) {
        day.invitations = day.invitations.filter((one) => !isSame(one, invitee));
        day.invitations.push({ group: group.id, inviter, invitee, reason, status: 0 });
      }
    },
  };
}

function handleInvitation(day: Day, asked: Asked): Success {
  const me = userOf(asked);
  const group = groupOf(day, asked);
  const { user_id: inviter, approval } = asked.fields;
  const invitation = day.invitations.find(
    (one) => one.group === group.id && one.inviter === inviter && one.invitee === me && one.status === 0,
  );
  if (!invitation) throw new Refused(20015);
  refuseIf(approval === true && group.blocked.has(me), 20018);
  return yes(() => {
    if (approval) join(day, group, [me]);
    else invitation.status = 2;
  });
}

/** Who becomes a member and who stays one, who may speak, and who leads. */
export const people: Rules = {
  '/group/apply': apply,
  '/group/apply/handle': handleApplication,
  '/group/invite': invite,
  '/group/invite/handle': handleInvitation,

  '/group/qrcode/invite': (day, asked) => {
    const me = userOf(asked);
    const code = day.codes.find(({ text }) => text === asked.fields.qr_info);
    if (!code) throw new Refused(20024);
    const group = groupOf(day, { ...asked, fields: { group_id: code.group } });
    if (group.members.has(me)) return bare();
    refuseIf(group.blocked.has(me), 20018);
    return bare(() => join(day, group, [me]));
  },

  '/group/leave': (day, asked) => {
    // A service is a member of no group: an acting user is missing.
    const group = asked.by.as === 'service' ? undefined : asMember(day, asked);
    const me = userOf(asked);
    refuseIf(group!.owner === me, 20004);
    return yes(() => go(day, group!, [me]));
  },

  '/group/kick': (day, asked) => {
    const group = asAdmin(day, asked);
    const { taken, results } = removable(group, asked);
    return { data: () => results, then: () => go(day, group, taken) };
  },

  '/group/block': (day, asked) => {
    const group = asAdmin(day, asked);
    const { taken, results } = removable(group, asked);
    return {
      data: () => results,
      then: () => {
        go(day, group, taken);
        for (const user of taken) group.blocked.add(user);
      },
    };
  },

  '/group/unblock': (day, asked) => {
    const group = asAdmin(day, asked);
    const { taken, results } = sorted(asked, () => undefined);
    return { data: () => results, then: () => taken.forEach((user) => group.blocked.delete(user)) };
  },

  '/group/ban': (day, asked) => {
    const group = asAdmin(day, asked);
    const isService = standingOf(group, asked) === 'service';
    const isProtected = protection(group, asked, 10010);
    const { taken, results } = sorted(asked, (user) => {
      if (!group.members.has(user)) return 20002;
      return isService ? undefined : isProtected(user);
    });
    return {
      data: () => results,
      then: (_data, span) => taken.forEach((user) => group.banned.set(user, endOf(asked.fields.duration, span))),
    };
  },

  '/group/unban': (day, asked) => {
    const group = asAdmin(day, asked);
    const mayAll = ['service', 'owner'].includes(standingOf(group, asked));
    const isProtected = protection(group, asked, 20013);
    const { taken, results } = sorted(asked, (user) => (mayAll ? undefined : isProtected(user)));
    return { data: () => results, then: () => taken.forEach((user) => group.banned.delete(user)) };
  },

  '/group/settings/ban_all': (day, asked) => {
    const group = asAdmin(day, asked);
    const end = (span: readonly [number, number]) => endOf(asked.fields.duration, span);
    return {
      data: (span) => ({ ban_expire_time: banExpiry(end(span)) }),
      then: (_data, span) => (group.banAll = end(span)),
    };
  },

  '/group/settings/unban_all': (day, asked) => {
    const group = asAdmin(day, asked);
    return yes(() => (group.banAll = undefined));
  },

  '/group/transfer': (day, asked) => {
    const group = asOwner(day, asked);
    const { new_owner: heir = 0 } = asked.fields;
    refuseIf(!group.members.has(heir), 20005);
    return ofUser(heir, () => {
      group.owner = heir;
      group.admins.delete(heir);
    });
  },

  '/group/admin/add': (day, asked) => {
    const group = asOwner(day, asked);
    const { taken, results } = sorted(asked, (user) => {
      if (!group.members.has(user)) return 20002;
      return user === group.owner ? 10010 : undefined;
    });
    return { data: () => results, then: () => taken.forEach((user) => group.admins.add(user)) };
  },

  '/group/admin/remove': (day, asked) => {
    const group = asOwner(day, asked);
    const { taken, results } = sorted(asked, () => undefined);
    return { data: () => results, then: () => taken.forEach((user) => group.admins.delete(user)) };
  },
};
