declare module '*.css';
declare module '*.svg' {
  const address: string;
  export default address;
}
declare module '*.vue' {
  const component: import('vue').Component;
  export default component;
}
