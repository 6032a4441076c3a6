import { status } from '@grpc/grpc-js';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { Empty } from 'google-protobuf/google/protobuf/empty_pb';
import {
  AccessDenied,
  BadRequest,
  MaximumAppendSizeExceeded,
  StreamDeleted,
  StreamIdentifier,
  Timeout,
  Unknown,
  WrongExpectedVersion,
} from '@eventstore/db-client/generated/shared_pb';
import { Status } from '@eventstore/db-client/generated/status_pb';
import { BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import { AppendTooLarge, StoreRefused } from './errors';
import { appendOutcome } from './wire';

interface Message {
  serializeBinary(): Uint8Array;
}

/** An error in the form in which EventStoreDB 23.10 and the embedded event store send it. */
function replied(code: number, details: Message, type: string, message = 'text'): BatchAppendResp {
  const any = new Any();
  any.pack(details.serializeBinary(), type);
  return new BatchAppendResp().setError(new Status().setCode(code).setMessage(message).setDetails(any));
}
const ours = (name: string): string => `event_store.client.${name}`;

test.each([
  { what: 'an access denied', code: 7, details: new AccessDenied(), type: ours('AccessDenied'), kind: 'denied' },
  { what: 'a bad request', code: 3, details: new BadRequest(), type: ours('BadRequest'), kind: 'invalid' },
  { what: 'a full disk', code: 8, details: new Unknown(), type: ours('Unknown'), kind: 'full' },
  { what: 'a server without a leader', code: 0, details: new Empty(), type: 'google.protobuf.Empty', kind: 'busy' },
  { what: 'wrong credentials', code: status.UNAUTHENTICATED, details: new Empty(), type: '', kind: 'denied' },
  {
    what: 'an unknown code of invalid input',
    code: status.OUT_OF_RANGE,
    details: new Empty(),
    type: '',
    kind: 'invalid',
  },
])('a reply of $what is a refusal: nothing was written', ({ code, details, type, kind }) => {
  const outcome = appendOutcome(replied(code, details, type));
  expect(outcome).toMatchObject({ type: 'refused', error: { kind, message: 'The event store replied "text"' } });
  expect((outcome as { error: Error }).error).toBeInstanceOf(StoreRefused);
});

test("a reply of an append over the server's limit is a refusal with the limit", () => {
  const details = new MaximumAppendSizeExceeded().setMaxappendsize(1_000);
  const outcome = appendOutcome(replied(3, details, ours('MaximumAppendSizeExceeded')));
  expect(outcome).toMatchObject({ type: 'refused', error: { limit: 1_000 } });
  expect((outcome as { error: Error }).error).toBeInstanceOf(AppendTooLarge);
});

test('a reply of a deleted stream is a refusal with the name of the stream', () => {
  const reply = replied(5, new StreamDeleted(), ours('StreamDeleted'));
  reply.setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from('group-a/1')));
  expect(appendOutcome(reply)).toMatchObject({
    type: 'refused',
    error: { name: 'StreamDeleted', stream: 'group-a/1' },
  });
});

test('a reply of a wrong revision has the actual one', () => {
  const details = new WrongExpectedVersion().setCurrentStreamRevision('3');
  expect(appendOutcome(replied(6, details, ours('WrongExpectedVersion')))).toEqual({
    type: 'wrongRevision',
    actual: 3,
  });
});

test.each([
  { what: 'a timeout', code: 4, details: new Timeout(), type: ours('Timeout') },
  { what: 'an unknown error', code: 2, details: new Unknown(), type: ours('Unknown') },
  { what: 'an internal error', code: status.INTERNAL, details: new Unknown(), type: ours('Unknown') },
  { what: 'an unavailable server', code: status.UNAVAILABLE, details: new Unknown(), type: ours('Unknown') },
  { what: 'an aborted request', code: status.ABORTED, details: new Unknown(), type: '' },
  { what: 'a cancelled request', code: status.CANCELLED, details: new Unknown(), type: '' },
])('after a reply of $what the append may have been written', ({ code, details, type }) => {
  expect(appendOutcome(replied(code, details, type))).toMatchObject({ type: 'unknown' });
});

test('after a reply without success or error the append may have been written', () => {
  expect(appendOutcome(new BatchAppendResp())).toMatchObject({ type: 'unknown' });
});
