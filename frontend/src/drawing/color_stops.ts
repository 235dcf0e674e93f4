// Colours of counts, from none to the most, as 17 stops to interpolate between.
//
// cividis, viridis and magma are samples of d3-scale-chromatic, which the tests compare them with;
// the library itself would be a third of the page. blue falls evenly in OKLab's lightness, at hue
// 250°. All four are told apart with any kind of colour vision, and in grey.

export const STOPS = {
  blue: "ffffffe1f2ffc5e5ffaad7ff91c9ff79bbff62adf84c9eee3890e22582d41474c30567b1015a9d034d870941710f3659132a42",
  cividis: "002051012b6511366c26426e3c4d6e51586e62646f7270717f7c758c88779a9478a9a177bbaf71cebd68e2cb5cf3da4ffdea45",
  viridis: "44015448186a472d7b4240863b528b33638d2c728e26828e21918c1fa08828ae803fbc735ec96284d44baddc30d8e219fde725",
  magma: "0000040a08221d114736106b51127c6a1c818326819c2e7fb73779d0416fe75263f56b5cfc8961fea772fec488fde2a3fcfdbf",
} as const;

export type ColorMap = keyof typeof STOPS;
