"""Charts of colour that a file states: identifiers, namespaces, containers, primaries. OpenColorIO codes them and decodes them."""
import PyOpenColorIO as ocio
import numpy

import exr_file
from chart import CODES, LIGHT, Chart, varied
from oracle import REC709, SRGB, STUDIO, converted, to_screen

FLOATS = Chart("colour.exr", exr_file.flat, file={"pixel": "float"})
# Codes that both outputs show as they are, because one of them has that curve, or because they are no light.
PASSED_THROUGH = ("srgb_rec709_scene", "srgb_rec709_display", "g24_rec709_display", "ocio:g24_rec709_scene",
                  "ocio:itu709_rec709_scene", "data")
# Finished pictures in the light of a scene's space: the same numbers, and no camera's curve in the proxy.
FINISHED_LIGHT = {f"lin_{gamut}_display": f"lin_{gamut}_scene" for gamut in ("rec709", "p3d65", "rec2020")}


def spaces():
    """Every identifier of the studio config with its space."""
    for name in STUDIO.getColorSpaceNames(ocio.SEARCH_REFERENCE_SPACE_ALL, ocio.COLORSPACE_ALL):
        yield STUDIO.getColorSpace(name).getInteropID(), name


def coded(space):
    """The light of the charts in the codes of a space."""
    if STUDIO.getColorSpace(space).getReferenceSpaceType() == ocio.REFERENCE_SPACE_DISPLAY:
        return converted(to_screen(LIGHT, REC709), ocio.ColorSpaceTransform(src=SRGB, dst=space))
    return converted(LIGHT, ocio.ColorSpaceTransform(src=REC709, dst=space))


def is_encoding_of_a_picture(name):
    space = STUDIO.getColorSpace(name)
    is_display = space.getReferenceSpaceType() == ocio.REFERENCE_SPACE_DISPLAY
    return is_display or "Encoded" in name


def stated(name, identifier, space, attributes):
    """A chart with such attributes, in the space of that identifier."""
    if identifier in PASSED_THROUGH:
        return varied(FLOATS, name, colours=CODES, space=None, file={"attributes": attributes})
    finished = is_encoding_of_a_picture(space)
    return varied(FLOATS, name, colours=tuple(map(tuple, coded(space))), space=space, storage=1e-3,
                  file={"attributes": attributes, "finished": finished})


def spelled(identifier):
    return identifier.replace(":", "-")


def identified():
    for identifier, space in spaces():
        yield stated(f"id_{spelled(identifier)}.exr", identifier, space, {"colorInteropID": identifier})
    for identifier, same in FINISHED_LIGHT.items():
        yield varied(FLOATS, f"id_{identifier}.exr", colours=tuple(map(tuple, coded(same))), space=same, storage=1e-3,
                     file={"attributes": {"colorInteropID": identifier}, "finished": True})


NAMESPACES = ("studio:ocio:acescct_ap1_scene", "a:b:c:lin_ap1_scene", "acescct_ap1_scene", "my:srgb_p3d65_display")


def namespaced():
    known = dict(spaces())
    for identifier in NAMESPACES:
        bare = identifier.rsplit(":", 1)[-1]
        space = known.get(bare) or known[f"ocio:{bare}"]
        yield stated(f"namespace_{spelled(identifier)}.exr", bare, space, {"colorInteropID": identifier})
    for identifier in ("unknown", "my:unknown", "nobody_knows_it"):
        yield varied(FLOATS, f"namespace_{spelled(identifier)}.exr", file={"attributes": {"colorInteropID": identifier}})


D65, ACES_WHITE = (0.3127, 0.329), (0.32168, 0.33767)
# Primaries as their owners publish them, and OpenColorIO's space of that light. White of D65 where nothing is said.
PRIMARIES = {
    "ap0": ("ACES2065-1", (0.7347, 0.2653, 0, 1, 0.0001, -0.077), ACES_WHITE),
    "ap1": ("ACEScg", (0.713, 0.293, 0.165, 0.83, 0.128, 0.044), ACES_WHITE),
    "rec709": ("lin_rec709_scene", (0.64, 0.33, 0.3, 0.6, 0.15, 0.06), D65),
    "p3d65": ("lin_p3d65_scene", (0.68, 0.32, 0.265, 0.69, 0.15, 0.06), D65),
    "rec2020": ("lin_rec2020_scene", (0.708, 0.292, 0.17, 0.797, 0.131, 0.046), D65),
    "adobergb": ("lin_adobergb_scene", (0.64, 0.33, 0.21, 0.71, 0.15, 0.06), D65),
    "awg3": ("Linear ARRI Wide Gamut 3", (0.684, 0.313, 0.221, 0.848, 0.0861, -0.102), D65),
    "awg4": ("Linear ARRI Wide Gamut 4", (0.7347, 0.2653, 0.1424, 0.8576, 0.0991, -0.0308), D65),
    "sgamut3": ("Linear S-Gamut3", (0.73, 0.28, 0.14, 0.855, 0.1, -0.05), D65),
    "sgamut3cine": ("Linear S-Gamut3.Cine", (0.766, 0.275, 0.225, 0.8, 0.089, -0.087), D65),
    "rwg": ("Linear REDWideGamutRGB", (0.780308, 0.304253, 0.121595, 1.493994, 0.095612, -0.084589), D65),
    "dwg": ("Linear DaVinci WideGamut", (0.8, 0.313, 0.1682, 0.9877, 0.079, -0.1155), D65),
    "vgamut": ("Linear V-Gamut", (0.73, 0.28, 0.165, 0.84, 0.1, -0.03), D65),
}


def primaries():
    for name, (space, corners, white) in PRIMARIES.items():
        for off in (0.0, 0.0008):
            held = numpy.array([*corners, *white]) + numpy.array([off, -off] * 3 + [0, 0])
            attributes = {"chromaticities": tuple(float(number) for number in held)}
            yield varied(FLOATS, f"primaries_{name}{'' if off == 0 else '_near'}.exr", space=space, storage=1e-3,
                         colours=tuple(map(tuple, coded(space))), file={"attributes": attributes, "finished": False})


def aces():
    """The container's flag goes before the identifier, and both before primaries."""
    flag = {"acesImageContainerFlag": 1}
    rec2020 = {"chromaticities": (0.708, 0.292, 0.17, 0.797, 0.131, 0.046, *D65)}
    for name, attributes, space in (
        ("flag", flag, "ACES2065-1"),
        ("flag_and_id", {**flag, "colorInteropID": "lin_rec709_scene"}, "ACES2065-1"),
        ("flag_and_primaries", {**flag, **rec2020}, "ACES2065-1"),
        ("id_and_primaries", {"colorInteropID": "lin_ap1_scene", **rec2020}, "ACEScg"),
        ("no_flag", {"acesImageContainerFlag": 0}, "lin_rec709_scene"),
        ("stored_guess", {"oiio:ColorSpace": "ACEScg"}, "lin_rec709_scene"),
    ):
        yield stated(f"aces_{name}.exr", None, space, attributes)


def charts():
    for table in (identified, namespaced, primaries, aces):
        yield from table()
