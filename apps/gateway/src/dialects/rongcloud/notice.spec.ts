import { NOTICE } from '@cohort/contracts';
import { Form } from '../../dialect/form';
import { readInput } from '../../dialect/fields';
import { RongCloudError } from './errors';
import { notice, noticeOf } from './notice';
import { RongCloudSettings } from './settings';

const read = (fields: Readonly<Record<string, string>>) => {
  const body = new Form();
  for (const [name, value] of Object.entries(fields)) body.append(name, value);
  return noticeOf(readInput(notice, { body, tenant: { id: 'demo', settings: new RongCloudSettings() } }));
};
const message = { fromUserId: 'u1', objectName: 'RC:GrpNtf', content: '{"operation":"Create"}', isIncludeSender: '1' };

describe('the message that RongCloud sends with a change', () => {
  test('is the notice of the command, with the fields that are given', () => {
    const given = read({ ...message, pushData: 'undefined', groupId: 'g', bindNotifyMsg: 'true' });
    expect(given.notice?.vendor).toBe('rongcloud');
    expect(JSON.parse(given.notice!.payload)).toEqual(message);
  });

  test.each([[{}], [{ bindNotifyMsg: 'false' }]])('is not sent unless it is asked for: %j', (asked) => {
    expect(read({ ...message, ...asked })).toEqual({});
  });

  test('is refused if it is longer than a notice may be, or if it is asked for by no truth value', () => {
    const half = 'x'.repeat(NOTICE.payloadBytes / 2);
    const long = { bindNotifyMsg: 'true', content: half, pushContent: half };
    expect(() => read(long)).toThrow(new RongCloudError(1005, 'the message is longer than 16384 bytes'));
    expect(() => read({ bindNotifyMsg: 'maybe' })).toThrow(
      new RongCloudError(1002, 'bindNotifyMsg must be true or false'),
    );
  });
});
