// The build hands over a style sheet as its text: it goes into a <style>, so the page is one file.
declare module "*.css" {
  const text: string;
  export default text;
}
