//! Function words of twelve languages: articles, prepositions, conjunctions, pronouns, auxiliaries. Too frequent to tell
//! texts apart; words that carry a topic are left out on purpose.

use crate::Language;

/// The list of a language, separated by white space, lower-case; empty where there is none.
pub(crate) fn of(language: Language) -> &'static str {
    match language {
        Language::English => ENGLISH,
        Language::German => GERMAN,
        Language::French => FRENCH,
        Language::Spanish => SPANISH,
        Language::Italian => ITALIAN,
        Language::Portuguese => PORTUGUESE,
        Language::Dutch => DUTCH,
        Language::Swedish => SWEDISH,
        Language::Danish => DANISH,
        Language::Norwegian => NORWEGIAN,
        Language::Finnish => FINNISH,
        Language::Russian => RUSSIAN,
        _ => "",
    }
}

/// What stands before an apostrophe when an article or pronoun lost its vowel.
pub(crate) fn elided(language: Language) -> &'static [&'static str] {
    match language {
        Language::French => &["l", "d", "j", "m", "t", "s", "n", "c", "qu", "jusqu", "lorsqu", "puisqu", "quoiqu"],
        Language::Italian => &[
            "l", "d", "c", "un", "all", "dall", "dell", "nell", "sull", "coll", "quell", "quest", "gl", "agl", "dagl",
            "degl", "negl", "sugl", "m", "t", "s", "v",
        ],
        _ => &[],
    }
}

const ENGLISH: &str = "
a an and are as at be been but by can could did do does for from had has have he her hers him his how i if in into is it
its itself me my no nor not of off on or our ours she should so such than that the their theirs them then there these they
this those to too was we were what when where which while who whom why will with would you your yours am being having doing
i'm it's don't doesn't didn't isn't aren't wasn't weren't can't couldn't won't wouldn't";

const GERMAN: &str = "
aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf aus bei bin bis bist
da damit dann das dass daß dasselbe dazu dein deine deinem deinen deiner dem demselben den denn denselben der derer derselbe
des dessen dich die dies diese dieselbe dieselben diesem diesen dieser dieses dir doch dort du durch ein eine einem einen
einer eines er es etwas euch euer eure eurem euren eurer für gegen habe haben hat hatte hatten hier hin hinter ich ihm ihn
ihnen ihr ihre ihrem ihren ihrer ihres im in indem ins ist ja jede jedem jeden jeder jedes jene jenem jenen jener jenes
jetzt kann kein keine keinem keinen keiner keines können könnte man manche manchem manchen mancher manches mein meine meinem
meinen meiner meines mich mir mit muss musste nach nicht nichts noch nun nur ob oder ohne sehr sein seine seinem seinen
seiner seines selbst sich sie sind so solche solchem solchen solcher soll sollte sondern sonst über um und uns unser unsere
unserem unseren unter viel vom von vor war waren warst was weg weil weiter welche welchem welchen welcher welches wenn werde
werden wie wieder will wir wird wirst wo wollen wollte würde würden während zu zum zur zwar zwischen";

const FRENCH: &str = "
à ai aie aient ait as au aura aurait aussi autre autres aux avaient avait avec avez avoir avons ayant c ce ceci cela celle
celles celui ces cet cette ceux chaque ci comme d dans de des donc dont du elle elles en encore es est et étaient étais
était étant été êtes être eu eux furent fut ici il ils j je l la le les leur leurs lui là m ma mais me même mêmes mes mien
moi mon n ne ni nos notre nous on ont ou où par pas peu peut plus pour pourquoi puis qu quand que quel quelle quelles quels
qui s sa sans se sera serait ses si soi soit sommes son sont sous suis sur t ta te tes toi ton tous tout toute toutes très
tu un une vos votre vous y";

const SPANISH: &str = "
a al algo algunas algunos ante antes aquel aquella aquellas aquellos aquí así aún aunque cada como con contra cual cuales
cuando de del desde donde dos durante e el él ella ellas ellos en entre era eran eras eres es esa esas ese eso esos esta
está estaba estaban estado están estar estas este esto estos fue fueron ha había habían haber hace han hasta hay he la las
le les lo los más me mi mí mis mucho muchos muy nada ni no nos nosotros nuestra nuestras nuestro nuestros o os otra otras
otro otros para pero poco por porque qué que quien quienes se sea sean según ser será si sí sido sin sobre son su sus suya
suyo también tan tanto te tengo tiene tienen toda todas todo todos tu tú tus un una uno unos unas usted ustedes y ya yo";

const ITALIAN: &str = "
a abbia abbiamo ad agli ai al alla alle allo anche ancora avere aveva avevano avrebbe avuto c che chi ci cioè come con contro
cui da dagli dai dal dalla dalle dallo degli dei del della delle dello dentro di dopo dove e è ed era erano essa esse essere
essi esso fra fu furono gli ha hai hanno ho i il in io l la le lei li lo loro lui ma me mi mia mie miei mio ne negli nei nel
nella nelle nello noi non nostra nostre nostri nostro o ogni oppure per perché però più poi può qual quale quali quando
quanto quella quelle quelli quello questa queste questi questo qui quindi sarà se sei senza si sia siamo siano sono sta
stata state stati stato su sua sue sugli sui sul sulla sulle sullo suo suoi te ti tra tu tua tue tuo tuoi tutta tutte tutti
tutto un una uno vi voi vostra vostro";

const PORTUGUESE: &str = "
a à ao aos aquela aquelas aquele aqueles aquilo as às até com como da das de dela delas dele deles depois do dos e é ela
elas ele eles em entre era eram essa essas esse esses esta está estão estas estava estavam este estes eu foi foram for há
isso isto já lhe lhes lo mais mas me mesmo meu meus minha minhas muito na não nas nem no nos nós nossa nossas nosso nossos
num numa o os ou para pela pelas pelo pelos por porque qual quando que quem são se seja sem ser será seu seus só sob sobre
sua suas também te tem têm tendo ter teu teus teve tinha tinham tu tua tuas um uma umas uns você vocês";

const DUTCH: &str = "
aan al alles als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een eens en er ge geen geweest
haar had hadden heb hebben heeft hem het hier hij hoe hun iemand iets ik in is ja je jij jou jouw jullie kan kon kunnen maar
me meer men met mij mijn moet na naar niet niets nog nu of om omdat onder ons onze ook op over reeds te tegen toch toen tot u
uit uw van veel voor want waren was wat we wel werd werden wezen wie wij wil worden wordt zal ze zei zelf zich zij zijn zo
zonder zou zouden";

const SWEDISH: &str = "
all alla allt än är att av bara bli blir blivit blev då där de dem den denna dess dessa det detta dig din dina ditt du efter
ej eller en er era ert ett från för ha hade han hans har henne hennes hon honom hur i icke ingen inom inte jag ju kan kunde
man med mellan men mig min mina mitt mot mycket när ni nu något någon några och om oss på samma sedan sig sin sina sitt själv
ska skulle så sådan sådana till under upp ut utan vad vår våra vårt var vara varför vars varit vart vem vi vid vilka vilken
vilket åt över";

const DANISH: &str = "
ad af alle alt anden at bare begge blev blive bliver da de dem den denne der deres det dette dig din dine disse dit dog du
efter ej eller en end er et for fordi fra få får før ham han hans har have havde hende hendes her hos hun hvad hvem hver
hvilken hvis hvor hvordan hvorfor hvornår i ikke ind ingen intet ja jeg jer jeres jo kan kom kunne kun man mange med meget
mellem men mens mere mig min mine mit mod må ned nej noget nogle nogen nu når og også om op os over på samme sig sin sine sit
skal skulle som sådan så thi til ud uden under var vi vil ville vor være været";

const NORWEGIAN: &str = "
alle andre at av bare begge ble blei bli blir blitt både båe da de deg dei deim deira den denne der dere deres det dette di
din disse ditt du eg ein eit eitt ej eller elles en enn er et ett etter for fordi fra før ha hadde han hans har hennar henne
hennes her hjå ho hoe honom hos hun hva hvem hver hvilke hvilken hvis hvor hvordan hvorfor i ikke ikkje ingen ingi inkje inn
inni ja jeg kan kom korleis kun kunne kva kvar kven man mange me med medan meg meget mellom men mens mer mi min mine mitt mot
mykje må ned no noe noen noka noko nokon nokre nå når og også om opp oss over på så sånn samme seg selv si sia sidan siden
sin sine sitt sjøl skal skulle som somme somt til um under upp ut uten var vart varte ved vi vil ville vore vort vår være
vært";

const FINNISH: &str = "
ei eikä eivät ehkä en että ette emme he heidän heidät heille hän hänelle hänen hänestä hänet ja johon jo joka joiden joita
jos jossa josta jota jotka kanssa keitä ken kenen kenet ketkä koska kuin kuka kun me meidän meidät meille mikä miksi millä
minkä minua minulla minulle minun minut minä missä mistä mitkä mitä mukaan mutta myös ne nämä nämä niiden niitä niin noin nuo
nyt näiden näitä oli olemme olen olet olette oli olimme olin olisi olit olivat olla ole ollut on ovat se sekä sen siihen siinä
siis siitä sillä sinua sinulla sinulle sinun sinä sitä sitten te teidän tai tällä tämä tämän tässä tästä tätä tuo tuolla vaan
vaikka vai yli";

const RUSSIAN: &str = "
а без более больше будет будто бы был была были было быть в вам вас ведь весь вдруг во вот впрочем все всегда всего всех всю
вы где да даже для до другой его ее ей ему если есть еще ещё её ж же за зачем здесь и из или им иногда их к как какая какой
когда конечно кто куда ли лучше между меня мне много может можно мой моя мы на над надо наконец нас не него нее ней нельзя
нет ни нибудь никогда ним них ничего но ну о об один он она они опять от перед по под после потом потому почти при про раз
разве с сам свою себе себя сейчас со совсем так такой там тебя тем теперь то тогда того тоже только том тот тут ты у уж
уже хоть чего чей чем через что чтоб чтобы чуть эти этого этой этом этот эту я";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_lower_case_words() {
        let listed: Vec<Language> = Language::all().filter(|l| !of(*l).is_empty()).collect();
        assert_eq!(listed.len(), 12);
        for language in listed {
            let words: Vec<&str> = of(language).split_whitespace().collect();
            assert!(words.len() > 80, "{language}");
            for word in words {
                assert_eq!(word, word.to_lowercase(), "{language}");
                assert!(word.chars().all(|c| c.is_alphabetic() || c == '\''), "{language} {word}");
            }
        }
    }
}
