import type { GroupEventData, Owned } from '@cohort/contracts';
import type { GroupHandlers, ReadFeature, WriteSide } from '../feature';
import type { LogEvent } from '../log-event';
import { setDisabled, setSettings } from '../tables/group-flags';
import type { GroupRow } from '../tables/groups';
import { timeOf } from '../tables/values';

const created =
  ({ groups }: WriteSide) =>
  (data: GroupEventData['created'], event: LogEvent, { app, id }: Owned): GroupRow => {
    const at = timeOf(event);
    const row = groups.put({
      stream: event.stream,
      changed: false,
      stored: undefined,
      gid: 0,
      app,
      id,
      numeric_id: data.numericId,
      name: data.name,
      owner: data.owner,
      capacity: data.capacity,
      member_count: data.memberCount,
      live: 1,
      created_at: at,
      updated_at: at,
      revision: event.revision,
      position: event.position,
      log_from: 0,
      description: data.description ?? '',
      avatar: data.avatar ?? '',
      ext: data.ext ?? '',
      visibility: 0,
      flags: 0,
      all_banned: 0,
    });
    setSettings(row, data.settings);
    return row;
  };

const handlers = ({ members }: WriteSide): GroupHandlers => ({
  created: (group, { owner }) => members.begin(group, owner),

  disabled: (group) => {
    setDisabled(group, true);
    members.turn(group);
  },
  enabled: (group) => {
    setDisabled(group, false);
    members.turn(group);
  },

  dismissed: (group) => {
    group.live = 0;
    members.end(group);
  },
});

/** A group begins, is disabled and enabled, and ends. */
export const lifecycle = {
  name: 'lifecycle',
  open: ({ write }) => ({ begins: { created: created(write) }, group: handlers(write) }),
} satisfies ReadFeature;
