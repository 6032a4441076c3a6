import { MAX_MEMBERS_PER_EVENT } from '@cohort/contracts';
import {
  applicationWithdrawn,
  applied,
  created,
  disabled,
  dismissed,
  invitationWithdrawn,
  invited,
  joined,
  settingsChanged,
  user,
} from '@cohort/contracts/testing';
import { AT, command, given } from '../../testing';

const END = AT + 60_000;
const group = [created('o'), joined('join', 3, 'm', 'n'), settingsChanged({ visibility: 'public' })];
const erase = (userId: string, over: object = {}) => command('eraseRequests', { userId, ...over });

test('eraseRequests withdraws the pending application of a user, also one that has run out', () => {
  for (const end of [END, AT - 1])
    given(...group, applied('x', 1, end), applied('y', 2, END))
      .when(erase('x'))
      .then([applicationWithdrawn('x', 1)]);
});

test('eraseRequests withdraws the invitations to a user and those by them, and no others', () => {
  given(...group, invited('m', { x: 1, y: 2 }, END), invited('n', { x: 3, z: 4 }, END))
    .when(erase('x'))
    .then(
      [invitationWithdrawn({ x: 1 })].map((one) => ({
        ...one,
        data: { invitees: [invitee('x', 1), invitee('x', 3)] },
      })),
    );
  given(...group, invited('m', { x: 1, y: 2 }, END), invited('n', { x: 3, z: 4 }, END))
    .when(erase('m'))
    .then([invitationWithdrawn({ x: 1, y: 2 })]);
});

test('eraseRequests withdraws all that concerns a user who applied, was invited and invited others before they left', () => {
  given(
    ...group,
    invited('m', { y: 1 }, END),
    applied('x', 1, END),
    invited('o', { x: 2 }, END),
    invited('x', { z: 3 }, END),
  )
    .when(erase('x'))
    .then([applicationWithdrawn('x', 1), invitationWithdrawn({ x: 2, z: 3 })]);
});

test('eraseRequests of many invitations withdraws them in portions, at most 2,500 at a time', () => {
  const numbered = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`u${i}`, i + 1]));
  const withdrawn = Object.entries(numbered).slice(0, 2_500);
  given(...group, invited('m', numbered, END))
    .when(erase('m'))
    .then(
      Array.from({ length: 5 }, (_, i) =>
        invitationWithdrawn(
          Object.fromEntries(withdrawn.slice(i * MAX_MEMBERS_PER_EVENT, (i + 1) * MAX_MEMBERS_PER_EVENT)),
        ),
      ),
    );
});

test('eraseRequests changes nothing for a user without requests, and never who is a member', () => {
  for (const userId of ['m', 'x'])
    given(...group)
      .when(erase(userId))
      .then([]);
});

test('eraseRequests passes a disabled group, and needs a live one', () => {
  given(...group, applied('x', 1, END), disabled())
    .when(erase('x'))
    .then([applicationWithdrawn('x', 1)]);
  given().when(erase('x')).refused('GROUP_NOT_FOUND');
  given(...group, applied('x', 1, END), dismissed())
    .when(erase('x'))
    .refused('GROUP_DISMISSED');
});

test('eraseRequests is for services alone', () => {
  for (const by of ['o', 'm', 'x'])
    given(...group, applied('x', 1, END))
      .when(erase('x', { actor: user(by) }))
      .refused('FORBIDDEN');
});

const invitee = (userId: string, number: number) => ({ userId, invitationId: String(number) });
