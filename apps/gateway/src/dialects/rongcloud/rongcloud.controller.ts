import { everyPage } from '@cohort/client';
import { LIMITS, PAGE, type Actor } from '@cohort/contracts';
import { All, applyDecorators, Controller, HttpCode, Post, Req, UseFilters, UseGuards } from '@nestjs/common';
import type { Request } from 'express';
import { Cohort, unless } from '../../shared/cohort';
import { type Call, SignatureGuard, TheCall } from './call';
import { RongCloudErrorFilter } from './error-filter';
import { RongCloudError } from './errors';
import { DONE } from './wire';

/** One call of the vendor's API: POST, and HTTP 200 on success. */
const Operation = (path: string) => applyDecorators(Post(path), HttpCode(200), UseGuards(SignatureGuard));

const SERVICE: Actor = { type: 'service' };

/** What the vendor takes for success where nothing is left to change: the group isn't there, or is over. */
const GONE = ['GROUP_NOT_FOUND', 'GROUP_DISMISSED'] as const;

/** Longest wait for a user's sync, in milliseconds; it is carried out all the same when that is not enough. */
const SYNC_BOUND_MS = 10_000;

/** The group calls of RongCloud (seed 000; docs/dialects/rongcloud.md). */
@Controller()
@UseFilters(RongCloudErrorFilter)
export class RongCloudController {
  constructor(private readonly cohort: Cohort) {}

  /** Seed 000 Group.sync: the user is in exactly these groups afterwards; the last sync wins. */
  @Operation('group/sync.json')
  async sync(@TheCall() { app, settings, form }: Call) {
    const userId = form.userId();
    const groups = form.groups();
    const capacity = settings.groupCapacity;
    const { sync } = await this.cohort.command('syncUser', { app: app.id, actor: SERVICE, userId, groups, capacity });
    const { completed, position } = await this.cohort.query(
      'userSync',
      { app: app.id, userId, sync, waitMs: SYNC_BOUND_MS },
      { timeoutMs: SYNC_BOUND_MS + 2_000 },
    );
    if (!completed) throw new RongCloudError(1050, 'the sync was accepted and is still being carried out');
    await this.cohort.untilVisible(position);
    return DONE;
  }

  /** Seed 000 Group.create: makes the group, its first user its owner; on a live group the users join. */
  @Operation('group/create.json')
  async create(@TheCall() { app, settings, form }: Call) {
    const groupId = form.groupId();
    const name = form.groupName();
    const userIds = form.userIds(LIMITS.createMembers);
    const capacity = settings.groupCapacity;
    await this.cohort.command('createOrJoin', { app: app.id, actor: SERVICE, groupId, name, userIds, capacity });
    return DONE;
  }

  /** Seed 000 Group.join: the users join; a group that isn't there is made. */
  @Operation('group/join.json')
  async join(@TheCall() { app, settings, form }: Call) {
    const groupId = form.groupId();
    const name = form.optionalGroupName();
    const userIds = form.userIds(settings.usersPerCall);
    const capacity = settings.groupCapacity;
    await this.cohort.command('createOrJoin', { app: app.id, actor: SERVICE, groupId, name, userIds, capacity });
    return DONE;
  }

  /** Seed 000 Group.quit; the SDKs' kick too, so that nobody is said to have acted for himself. */
  @Operation('group/quit.json')
  async quit(@TheCall() { app, settings, form }: Call) {
    const groupId = form.groupId();
    const userIds = form.userIds(settings.usersPerCall);
    const ownerPolicy = 'oldestMember';
    await unless(
      GONE,
      this.cohort.command('leaveMany', { app: app.id, actor: SERVICE, groupId, userIds, ownerPolicy }),
    );
    return DONE;
  }

  /** Seed 000 Group.dismiss: any user may, a non-member too; he is recorded. */
  @Operation('group/dismiss.json')
  async dismiss(@TheCall() { app, form }: Call) {
    const groupId = form.groupId();
    const actor: Actor = { type: 'service', onBehalfOf: form.userId() };
    await unless(GONE, this.cohort.command('dismiss', { app: app.id, actor, groupId }));
    return DONE;
  }

  /** Seed 000 Group.update: another name. */
  @Operation('group/refresh.json')
  async refresh(@TheCall() { app, form }: Call) {
    const groupId = form.groupId();
    const name = form.groupName();
    await unless(GONE, this.cohort.command('changeInfo', { app: app.id, actor: SERVICE, groupId, name }));
    return DONE;
  }

  /** Seed 000 Group.get: all members, in the order they joined. */
  @Operation('group/user/query.json')
  async members(@TheCall() { app, form }: Call) {
    const groupId = form.groupId();
    const ask = (cursor?: string) =>
      this.cohort.query('members', { app: app.id, groupId, limit: PAGE.maxLimit, cursor });
    const pages = (await unless(GONE, everyPage(ask))) ?? [];
    return { code: 200, users: pages.flatMap(({ members }) => members).map(({ userId }) => ({ id: userId })) };
  }

  /** The Go SDK's GroupUserQuery: all groups of a user. */
  @Operation('user/group/query.json')
  async userGroups(@TheCall() { app, form }: Call) {
    const userId = form.userId();
    const ask = (cursor?: string) =>
      this.cohort.query('userGroups', { app: app.id, userId, limit: PAGE.maxLimit, cursor });
    const groups = (await everyPage(ask)).flatMap((page) => page.groups);
    return { code: 200, groups: groups.map(({ groupId, name }) => ({ id: groupId, name })) };
  }

  /** Every other path of the vendor's form, and every other method: the vendor's calls are all POST. */
  @All('*path.json')
  unknown(@Req() { method, path }: Request): never {
    throw new RongCloudError(404, `there is nothing at ${method} ${path}`);
  }
}
