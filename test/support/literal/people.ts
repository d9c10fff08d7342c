/** Running backends count their users. */
export interface LiteralUser {
  readonly id: number;
  name: string;
  readonly username: string;
  readonly role: 'brand_owner' | 'influencer';
}

export function threePeople(): LiteralUser[] {
  return [
    { id: 1, name: 'Maya Lindqvist', username: 'maya', role: 'influencer' },
    { id: 2, name: 'Jonas Okafor', username: 'jonas', role: 'brand_owner' },
    { id: 3, name: 'Noor Haddad', username: 'noor', role: 'brand_owner' },
  ];
}
