//! Recipes read, written, refused.

use super::*;

#[test]
fn parameters_that_nest_too_deeply_are_named() {
    let text =
        |n| format!("[[view]]\nname='m'\nkind='dense'\nencode={{learn='sgns',params={{dim.{}x=1}}}}", "a.".repeat(n));
    let recipe = Recipe::parse(&text(7)).unwrap();
    assert_eq!(Recipe::parse(&recipe.to_toml()).unwrap(), recipe);
    let err = Recipe::parse(&text(70)).unwrap_err().to_string();
    assert!(err.contains("params.dim") && err.contains("8"), "{err}");
}

#[test]
fn parameters_that_are_not_finite_are_named() {
    for value in ["inf", "nan", "[1.0, -inf]", "{a = nan}"] {
        let text = format!("[[view]]\nname='m'\nkind='dense'\nencode={{learn='sgns',params={{lr={value}}}}}");
        let err = Recipe::parse(&text).unwrap_err().to_string();
        assert!(err.contains("params.lr") && err.contains("finite"), "{value}: {err}");
    }
}

#[test]
fn a_resolved_recipe_parses_to_itself() {
    let recipe = Recipe::default();
    assert_eq!(Recipe::parse(&recipe.to_toml()).unwrap(), recipe);
    assert_eq!(Recipe::parse("").unwrap(), recipe);
    let text = "[[view]]\nname=\"m\"\nkind=\"dense\"\nencode={learn=\"sgns\",params={dim=3,rate=0.1,mode=\"x\"}}";
    let learned = Recipe::parse(text).unwrap();
    assert_eq!(learned.views[0].encode.as_ref().unwrap().model, "m.learned.safetensors");
    assert_eq!(Recipe::parse(&learned.to_toml()).unwrap(), learned);
}

#[test]
fn an_unknown_key_is_named_with_its_place_and_the_known_keys() {
    let text = "[source]\nmax_words = 100\noverlap = 3\n";
    let err = Recipe::parse(text).unwrap_err().to_string();
    for part in ["line 3", "overlap", "max_words", "overlap_words"] {
        assert!(err.contains(part), "`{part}` is missing in: {err}");
    }
    let text = "[[view]]\nname = \"w\"\nkind = \"sparse\"\nbm25 = { k = 1.0 }\n";
    let err = Recipe::parse(text).unwrap_err().to_string();
    assert!(err.contains("line 4") && err.contains("k1"), "{err}");
    let err = Recipe::parse("[[view]]\nname = \"w\"\nkind = \"thick\"\n").unwrap_err().to_string();
    assert!(err.contains("thick") && err.contains("sparse") && err.contains("dense"), "{err}");
}

#[test]
fn values_that_cannot_work_are_refused() {
    let cases = [
        ("[[view]]\nname=\"w\"\nkind=\"sparse\"\nbm25={b=1.5}", "view.w.bm25.b"),
        ("[[view]]\nname=\"w\"\nkind=\"sparse\"\nencode={}", "view.w.encode"),
        ("[[view]]\nname=\"a b\"\nkind=\"sparse\"", "view.name"),
        ("[[view]]\nname=\"a\"\nkind=\"dense\"\n[[view]]\nname=\"a\"\nkind=\"dense\"", "twice"),
        ("view = []", "at least one"),
        ("[source]\nmax_words=10\noverlap_words=9", "source.overlap_words"),
        ("[fusion]\nweights={wrods=1.0}", "words"),
        ("[fusion]\nrrf_k=-1.0", "fusion.rrf_k"),
        ("[[view]]\nname=\"m\"\nkind=\"dense\"\nencode={learn=\"sgns\",model=\"x\"}", "view.m.encode.model"),
        ("[[view]]\nname=\"m\"\nkind=\"dense\"\nencode={params={dim=3}}", "view.m.encode.params"),
        ("[[view]]\nname=\"m\"\nkind=\"dense\"\nencode={learn=\"sgns\",transform=\"x\"}", "view.m.encode.transform"),
    ];
    for (text, part) in cases {
        let err = Recipe::parse(text).unwrap_err().to_string();
        assert!(err.contains(part), "`{part}` is missing in: {err}");
    }
}
