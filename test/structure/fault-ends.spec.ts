import type { GroupEvent } from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';
import { endsOf } from '../faults/ends';

const BEGIN = Date.parse('2030-01-01T00:00:00.000Z');
const after = (ms: number): string => new Date(BEGIN + ms).toISOString();

/** A log of one group; each event with the milliseconds after the beginning at which it was written. */
const log = (...events: readonly (readonly [number, GroupEvent])[]): StoredEvent[] =>
  events.map(([ms, { type, data }], revision) => ({
    stream: 'group-demo/g',
    revision,
    position: String(revision),
    id: String(revision),
    type,
    data,
    metadata: { at: after(ms) },
    created: new Date(BEGIN + ms),
  }));

const users = [{ userId: 'ann' }];
const invitees = [{ userId: 'ann', invitationId: '1' }];
const BEGUN: readonly GroupEvent[] = [
  { type: 'banned', data: { users, until: after(10) } },
  { type: 'allBanned', data: { until: after(10) } },
  { type: 'applied', data: { userId: 'ann', applicationId: '1', expiresAt: after(10) } },
  { type: 'invited', data: { invitees, inviter: 'bob', expiresAt: after(10) } },
];
const expired = (endedAt: string): readonly GroupEvent[] => [
  { type: 'unbanned', data: { users, reason: 'expired', endedAt } },
  { type: 'allUnbanned', data: { reason: 'expired', endedAt } },
  { type: 'applicationExpired', data: { userId: 'ann', applicationId: '1', endedAt } },
  { type: 'invitationExpired', data: { invitees, endedAt } },
];
/** Lifted, or answered. */
const ENDED: readonly GroupEvent[] = [
  { type: 'unbanned', data: { users, reason: 'lifted' } },
  { type: 'allUnbanned', data: { reason: 'lifted' } },
  { type: 'applicationApproved', data: { userId: 'ann', applicationId: '1' } },
  { type: 'invitationAccepted', data: { userId: 'ann', invitationId: '1', inviter: 'bob' } },
];

describe.each(BEGUN.map((begun, i) => ({ of: begun.type, begun, end: expired(after(10))[i]!, i })))(
  'the end of $of',
  ({ begun, end, i }) => {
    const faults = (...events: readonly (readonly [number, GroupEvent])[]) => endsOf(log([0, begun], ...events)).wrong;

    it('may be announced at its time or later, and is then not forgotten', () => {
      const { wrong, forgotten, announced } = endsOf(log([0, begun], [10, end]));
      expect(wrong).toEqual([]);
      expect(forgotten(BEGIN + 100)).toEqual([]);
      expect(announced).toEqual({ [end.type]: 1 });
    });

    it('is forgotten if it is announced by nothing', () => {
      const { forgotten } = endsOf(log([0, begun]));
      expect(forgotten(BEGIN + 9)).toEqual([]);
      expect(forgotten(BEGIN + 10)).toEqual([expect.stringContaining('is forgotten')]);
    });

    it('is wrong if it is announced early, twice, or with another time', () => {
      expect(faults([9, end])).toEqual([expect.stringContaining('was announced early')]);
      expect(faults([10, end], [11, end])).toEqual([expect.stringContaining('there is none')]);
      expect(faults([20, expired(after(11))[i]!])).toEqual([expect.stringContaining('with another time')]);
    });

    it('comes before anybody may lift or answer it', () => {
      expect(faults([9, ENDED[i]!])).toEqual([]);
      expect(faults([10, ENDED[i]!])).toEqual([expect.stringContaining('had run out before')]);
      expect(faults([5, ENDED[i]!], [10, end])).toEqual([expect.stringContaining('there is none')]);
    });

    it('is announced by nobody after the group was dismissed', () => {
      const dismissed: GroupEvent = { type: 'dismissed', data: { reason: 'requested', threads: true } };
      expect(endsOf(log([0, begun], [5, dismissed])).forgotten(BEGIN + 100)).toEqual([]);
    });
  },
);

test('a new invitation of the same inviter, and a membership, end what was pending', () => {
  const again: GroupEvent = {
    type: 'invited',
    data: { invitees: [{ userId: 'ann', invitationId: '2' }], inviter: 'bob', expiresAt: after(50) },
  };
  const joined: GroupEvent = { type: 'memberJoined', data: { members: users, via: 'join', memberCount: 2 } };
  const all = log([0, BEGUN[2]!], [1, BEGUN[3]!], [2, again]);
  expect(endsOf(all).forgotten(BEGIN + 20)).toEqual([expect.stringContaining('the application of ann')]);
  expect(endsOf(all).forgotten(BEGIN + 60)).toHaveLength(2);
  expect(endsOf(log([0, BEGUN[2]!], [1, BEGUN[3]!], [2, joined])).forgotten(BEGIN + 60)).toEqual([]);
});
