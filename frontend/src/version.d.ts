// The build puts in the version of the Python package that the page is a part of.
declare const PRODUCT_VERSION: string;
