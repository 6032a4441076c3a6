import { DEFAULT_SETTINGS, JOIN_POLICIES, VISIBILITIES, type GroupSettings } from '@cohort/contracts';
import {
  adminGranted,
  capacityChanged,
  created,
  disabled,
  dismissed,
  joined,
  settingsChanged,
  user,
} from '@cohort/contracts/testing';
import { command, given } from '../../testing';

const group = [created('o'), joined('join', 3, 'a', 'm'), adminGranted('a')];
const change = (settings: Partial<GroupSettings>, by?: string) =>
  command('changeSettings', { ...settings, ...(by === undefined ? {} : { actor: user(by) }) });
const hold = (capacity: number, by?: string) =>
  command('changeCapacity', { capacity, ...(by === undefined ? {} : { actor: user(by) }) });

/** Each setting with each value that a new group doesn't have. */
const single: readonly Partial<GroupSettings>[] = [
  ...VISIBILITIES.filter((one) => one !== DEFAULT_SETTINGS.visibility).map((visibility) => ({ visibility })),
  ...JOIN_POLICIES.filter((one) => one !== DEFAULT_SETTINGS.joinPolicy).map((joinPolicy) => ({ joinPolicy })),
  ...Object.entries(DEFAULT_SETTINGS).flatMap(([name, value]) =>
    typeof value === 'boolean' ? [{ [name]: !value }] : [],
  ),
];

describe('changeSettings', () => {
  test.each(single)('changes %j, and changes nothing when that is so already', (settings) => {
    given(...group)
      .when(change(settings))
      .then([settingsChanged(settings)]);
    given(...group, settingsChanged(settings))
      .when(change(settings))
      .then([]);
  });

  test('writes only the settings that differ, and leaves the others', () => {
    const changed = { visibility: 'public', joinPolicy: 'open', membersMayInvite: true } as const;
    given(...group, settingsChanged({ visibility: 'public' }))
      .when(change({ ...changed, membersMayModify: false }))
      .then([settingsChanged({ joinPolicy: 'open', membersMayInvite: true })]);
    given(...group, settingsChanged(changed))
      .when(change({ membersMayInvite: false }))
      .then([settingsChanged({ membersMayInvite: false })]);
  });

  test('without any setting changes nothing', () => {
    given(...group)
      .when(change({}))
      .then([]);
  });

  test.each([
    ['o', undefined],
    ['a', undefined],
    ['m', 'ADMIN_ONLY'],
    ['x', 'NOT_A_MEMBER'],
  ] as const)('by %s is decided by their role: %s', (by, code) => {
    const outcome = given(...group).when(change({ readAck: true }, by));
    if (code === undefined) outcome.then([settingsChanged({ readAck: true })]);
    else outcome.refused(code, code === 'NOT_A_MEMBER' ? { userId: by } : undefined);
  });

  test('by a member is refused also where members may modify the information', () => {
    given(...group, settingsChanged({ membersMayModify: true }))
      .when(change({ readAck: true }, 'm'))
      .refused('ADMIN_ONLY');
  });

  test('needs a live group that is not disabled', () => {
    given()
      .when(change({ readAck: true }))
      .refused('GROUP_NOT_FOUND');
    given(...group, disabled())
      .when(change({ readAck: true }))
      .refused('GROUP_DISABLED');
    given(...group, dismissed())
      .when(change({ readAck: true }))
      .refused('GROUP_DISMISSED');
  });
});

describe('changeCapacity', () => {
  test('sets the most members, and changes nothing when that is so already', () => {
    given(...group)
      .when(hold(500))
      .then([capacityChanged(500)]);
    given(...group, capacityChanged(500))
      .when(hold(500))
      .then([]);
  });

  test('may go down to the present number of members, and not below it', () => {
    given(...group)
      .when(hold(3))
      .then([capacityChanged(3)]);
    given(...group)
      .when(hold(2))
      .refused('CAPACITY_REACHED', { capacity: 2, wanted: 3 });
  });

  test('decides how many may join from then on', () => {
    given(...group, capacityChanged(3))
      .when(command('join', { userId: 'x' }))
      .refused('CAPACITY_REACHED', { capacity: 3, wanted: 4 });
    given(...group, capacityChanged(4))
      .when(command('join', { userId: 'x' }))
      .then([joined('join', 4, 'x')]);
  });

  test.each([
    ['o', undefined],
    ['a', undefined],
    ['m', 'ADMIN_ONLY'],
    ['x', 'NOT_A_MEMBER'],
  ] as const)('by %s is decided by their role: %s', (by, code) => {
    const outcome = given(...group).when(hold(7, by));
    if (code === undefined) outcome.then([capacityChanged(7)]);
    else outcome.refused(code, code === 'NOT_A_MEMBER' ? { userId: by } : undefined);
  });

  test('needs a live group that is not disabled', () => {
    given().when(hold(7)).refused('GROUP_NOT_FOUND');
    given(...group, disabled())
      .when(hold(7))
      .refused('GROUP_DISABLED');
    given(...group, dismissed())
      .when(hold(7))
      .refused('GROUP_DISMISSED');
  });
});
