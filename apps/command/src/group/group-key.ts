export interface GroupKey {
  readonly app: string;
  readonly groupId: string;
}
