import { idsOf, notice, notifiesNobody, type Rules } from './rule';

export const membership: Rules<'memberJoined' | 'memberLeft' | 'memberKicked'> = {
  /** Joining and syncing are the member's own wish. An approved applicant gets `applicationApproved`. */
  memberJoined: ({ members, via }) =>
    via === 'create' || via === 'add' || via === 'invitation'
      ? notice('added', idsOf(members), { via, role: 'member' })
      : notifiesNobody(),

  memberLeft: notifiesNobody,

  memberKicked: ({ members }) => notice('kicked', idsOf(members), {}),
};
