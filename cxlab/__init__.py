"""cxlab: a small helper for customer experience research and teaching. Usual import: `import cxlab as cx`.

Nothing heavy is imported until it is used, so that `import cxlab` costs nothing.
"""

import importlib
import sys

from . import framework
from .framework import CxError, use_language
from .tally import tally

__version__ = "0.1.0"

_HOME = {
    "exports": ["read_survey", "Survey"],
    "questions": ["five_questions", "validate"],
    "privacy": ["mask", "uniqueness"],
    "explore_privacy": ["plot_uniqueness", "explore_uniqueness"],
    "spreadsheets": ["to_csv", "to_xlsx"],
    "data": ["datasets", "load", "sample_path"],
    "rates": ["share", "multiple_response", "nps", "nps_change", "sample_size"],
    "weighting": ["rake"],
    "margins": ["reweighted", "plot_bias", "explore_margins"],
    "two_groups": ["equivalence", "equivalence_power"],
    "charts": ["show", "save", "use_style", "plot_shares", "plot_nps", "plot_distribution"],
    "course": ["course_map", "paths", "glossary", "competences", "quiz", "survey_checklist", "observation_sheet", "self_assessment"],
    "study_forms": ["disclosure_form", "rubric", "usable_answers", "what_to_count", "known_items", "five_slides"],
    "sampling": ["repeat_surveys"],
    "charts_sampling": ["plot_surveys"],
    "explore": ["share_sentence", "shares_at_sizes", "explore_share", "explore_quiz", "explore_surveys"],
    "exercises": ["predict", "check"],
    "codebooks": ["load_codebook", "save_codebook", "to_qdc"],
    "coding": ["code_answers", "caught", "find_themes"],
    "names": ["match_names"],
    "coders": ["agreement", "krippendorff"],
    "review": ["review_sheets", "read_review"],
    "code_tables": ["code_people", "merge_codes", "co_occurrence"],
    "charts_coding": ["plot_equivalence", "plot_agreement", "plot_co_occurrence"],
    "explore_coding": ["mark_answer", "explore_codes", "explore_margin", "margin_sentence", "explore_definition"],
    "scales": ["reliability", "item_table", "scale_score"],
    "drivers": ["importance", "importance_difference"],
    "asymmetry": ["penalty_reward"],
    "kano_model": ["kano"],
    "gaps": ["mean", "gap"],
    "charts_scales": ["plot_estimates", "plot_items", "plot_likert", "plot_gaps", "plot_shrinkage"],
    "charts_drivers": ["plot_importance", "plot_importance_performance", "plot_penalty_reward", "plot_kano", "plot_surface"],
    "charts_groups": ["plot_within"],
    "charts_journey": ["plot_occupancy", "plot_flows", "plot_stall", "plot_journey_map"],
    "component_worlds": ["draw_components", "name_the_first", "correlated_drivers", "moving_standard"],
    "explore_components": ["explore_world", "explore_correlation", "explore_standard", "plot_named_first", "plot_correlated", "plot_standard"],
    "event_log": ["spells", "stage_names", "until", "order_violations"],
    "journey": ["moves", "occupancy"],
    "funnels": ["funnel"],
    "chains": ["transition_matrix", "absorption"],
    "what_if_moves": ["what_if"],
    "stays": ["stall", "time_in_stage"],
    "contact_days": ["person_days"],
    "planner": ["contact_plan", "load_plan", "save_plan"],
    "explore_planner": ["plot_plan", "print_plan", "explore_plan"],
    "charts_paths": ["plot_what_if", "what_if_sentence", "plot_customer", "plot_funnel"],
    "study_window": ["ended_early"],
    "explore_journey": ["explore_what_if", "explore_customer", "explore_window"],
    "joining": ["join_answers"],
    "closing": ["action_list", "causes"],
    "silence": ["silent"],
    "repeated": ["rounds"],
    "charts_touchpoints": ["plot_silent", "plot_rounds"],
    "ledger": ["claims", "judge_claims", "ledger_table", "claim_card", "ballot_sheet", "sources_argue", "print_ledger"],
    "explore_ledger": ["plot_claims", "explore_claims"],
    "handouts": ["write_handouts"],
    "setup_check": ["check_setup"],
}
_MODULE_OF = {name: module for module, names in _HOME.items() for name in names}
__all__ = ["CxError", "framework", "tally", "use_language", *_MODULE_OF]


def __getattr__(name):
    if name in _MODULE_OF:
        value = getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
        globals()[name] = value
        if "pandas" in sys.modules:  # "$5 and $6" in a table of answers is text: a notebook would make a formula of it
            sys.modules["pandas"].set_option("display.html.use_mathjax", False)
        return value
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted(__all__)
