# SPDX-License-Identifier: Apache-2.0
"""Sentences with gaps, of which bench/make_corpus.py and bench/full.py write their mail. {name} is filled in anew each
time it stands: with one of WORDS[language][name], a person, a number, a sum or a date."""

PEOPLE = ["Anna", "Bert", "Clara", "David", "Elif", "Frank", "Greta", "Hugo", "Ines", "Jonas", "Karin", "Luis", "Mira", "Nils",
          "Olga", "Pierre", "Rosa", "Stefan", "Tereza", "Ulf", "Vera", "Walter", "Yusuf", "Zoe"]
SURNAMES = ["Berger", "Castro", "Dubois", "Evans", "Fischer", "Garcia", "Hansen", "Iversen", "Jansen", "Keller", "Lopez", "Martin",
            "Novak", "Olsen", "Petit", "Romero", "Schmid", "Turner", "Vogel", "Weber"]

WORDS = {
    "en": {
        "thing": ["report", "invoice", "contract", "offer", "schedule", "draft", "budget", "account statement", "presentation",
                  "order", "delivery note", "price list", "minutes", "survey", "application"],
        "team": ["sales", "the workshop", "accounting", "the board", "the project group", "our customers", "the Hamburg office"],
        "place": ["meeting room 3", "the canteen", "Vienna", "the warehouse", "the new building", "Lyon"],
        "adjective": ["revised", "final", "missing", "signed", "open", "urgent", "free", "new", "confidential", "old"],
        "product": ["running shoes", "garden chairs", "coffee beans", "winter jackets", "bicycle lamps", "notebooks", "tea"],
        "pill": ["Viagra", "Cialis", "slimming capsules", "weight loss drops", "sleeping pills", "hair growth serum", "CBD gummies"],
        "bank": ["your bank", "PayPal", "the post office", "your mail provider", "Netflix", "Microsoft", "your insurance"],
        "coin": ["bitcoin", "ethereum", "gold", "a secret fund", "penny stocks"],
    },
    "de": {
        "thing": ["Bericht", "Vertrag", "Entwurf", "Zeitplan", "Lieferschein", "Antrag", "Haushalt", "Vortrag", "Kontoauszug"],
        "team": ["der Vertrieb", "die Werkstatt", "die Buchhaltung", "der Vorstand", "die Projektgruppe", "das Büro in Graz"],
        "place": ["Raum 3", "der Kantine", "Wien", "dem Lager", "dem Neubau"],
        "adjective": ["neue", "fehlende", "offene", "dringende", "alte", "geprüfte", "kostenlose"],
        "product": ["Laufschuhe", "Gartenstühle", "Kaffeebohnen", "Winterjacken", "Fahrradlampen", "Tee"],
        "pill": ["Potenzmittel", "Schlankheitskapseln", "Schlaftabletten", "Haarwuchsmittel", "CBD-Tropfen"],
        "bank": ["Ihre Bank", "PayPal", "die Post", "Ihr Mailanbieter", "die Sparkasse"],
        "coin": ["Bitcoin", "Ethereum", "Gold", "ein geheimer Fonds"],
    },
    "fr": {
        "thing": ["rapport", "contrat", "projet", "calendrier", "bon de livraison", "budget", "relevé de compte"],
        "team": ["le service commercial", "l'atelier", "la comptabilité", "la direction", "le bureau de Lyon"],
        "place": ["salle 3", "la cantine", "Genève", "l'entrepôt"],
        "adjective": ["nouveau", "dernier", "ancien", "urgent", "gratuit"],
        "product": ["chaussures", "chaises de jardin", "cafés en grains", "vestes d'hiver", "thés"],
        "pill": ["pilules minceur", "gouttes CBD", "somnifères", "sérum capillaire"],
        "bank": ["votre banque", "PayPal", "la Poste", "votre messagerie"],
        "coin": ["bitcoin", "ethereum", "or", "fonds secret"],
    },
    "es": {
        "thing": ["informe", "contrato", "borrador", "calendario", "albarán", "presupuesto", "extracto de cuenta"],
        "team": ["el equipo de ventas", "el taller", "contabilidad", "la dirección", "la oficina de Bilbao"],
        "place": ["la sala 3", "el comedor", "Madrid", "el almacén"],
        "adjective": ["nuevo", "último", "pendiente", "urgente", "gratuito"],
        "product": ["zapatillas", "sillas de jardín", "café en grano", "chaquetas", "tés"],
        "pill": ["pastillas para adelgazar", "gotas CBD", "somníferos", "suero capilar"],
        "bank": ["su banco", "PayPal", "Correos", "su proveedor de correo"],
        "coin": ["bitcoin", "ethereum", "oro", "un fondo secreto"],
    },
}

# What people write to one another, for work or not.
LETTER = {
    "en": ["Please find the {adjective} {thing} attached; {team} would like to have it back by {date}.",
           "Could you tell {person} that the {thing} for {team} is still {adjective}?", "We meet at {hour} in {place}, as agreed.",
           "I have gone through the {thing} with {person} and we have {number} remarks.", "The {thing} costs {sum} more than we planned.",
           "Thank you for your patience, the {adjective} {thing} took longer than expected.", "Shall we move the meeting to {date}?",
           "{person} is on holiday until {date}; please ask {person} instead.", "The train to {place} leaves at {hour}.",
           "Your order {number} has left our warehouse and should arrive on {date}.", "Please transfer {sum} by {date} as stated in the {thing}.",
           "The tests run through again since {person} changed the {thing}.", "I would rather not decide this before {date}.",
           "Can you have a look at the {adjective} {thing} and say what you think?", "The children liked {place} very much.",
           "We need {number} more copies of the {thing}, the printer has run out of paper.", "Let me know if the password for the account does not work.",
           "{team} asked for a {adjective} {thing} with all figures of the last quarter.", "Attached is the {thing} that {person} mentioned on the phone."],
    "de": ["anbei der {thing}; {team} hätte ihn gerne bis {date} zurück.", "Kannst Du {person} sagen, dass der {thing} noch fehlt?",
           "Wir treffen uns um {hour} in {place}, wie besprochen.", "Ich habe den {thing} mit {person} durchgesehen, es gibt {number} Anmerkungen.",
           "Das kostet {sum} mehr als geplant.", "Danke für Ihre Geduld, der {thing} hat länger gedauert.", "Können wir das Treffen auf {date} verschieben?",
           "{person} ist bis {date} im Urlaub.", "Ihre Bestellung {number} hat unser Lager verlassen und kommt am {date}.",
           "Bitte überweisen Sie {sum} bis {date}.", "Die Prüfungen laufen wieder, seit {person} den {thing} geändert hat.",
           "{team} braucht den {thing} mit allen Zahlen des letzten Quartals.", "Sag Bescheid, wenn das Passwort für das Konto nicht geht."],
    "fr": ["Veuillez trouver ci-joint le {adjective} {thing}; {team} le souhaite avant le {date}.", "Peux-tu dire à {person} que le {thing} manque encore ?",
           "Nous nous voyons à {hour}, {place}, comme convenu.", "J'ai relu le {thing} avec {person}, nous avons {number} remarques.",
           "Cela coûte {sum} de plus que prévu.", "Merci de votre patience, le {thing} a pris du retard.", "{person} est en congé jusqu'au {date}.",
           "Votre commande {number} a quitté notre entrepôt et arrivera le {date}.", "Merci de régler {sum} avant le {date}."],
    "es": ["Adjunto el {adjective} {thing}; {team} lo necesita antes del {date}.", "¿Puedes decirle a {person} que falta el {thing}?",
           "Nos vemos a las {hour} en {place}, como acordamos.", "He revisado el {thing} con {person} y tenemos {number} comentarios.",
           "Cuesta {sum} más de lo previsto.", "Gracias por la paciencia, el {thing} ha tardado más.", "{person} está de vacaciones hasta el {date}.",
           "Su pedido {number} ha salido de nuestro almacén y llegará el {date}.", "Por favor, transfiera {sum} antes del {date}."],
}
# What was asked for and can be unsubscribed.
NEWSLETTER = {
    "en": ["This week: {product} at {percent} off, as long as they last.", "New in our shop: {product} for {sum}.",
           "Our readers asked for more about {product}; here are {number} ideas.", "Free delivery for all orders until {date}.",
           "Members save {percent} on {product} with the code in your account.", "Read the interview with {person} {surname} in our magazine.",
           "The autumn catalogue is here, with {number} new {product}."],
    "de": ["Diese Woche: {product} um {percent} billiger, solange der Vorrat reicht.", "Neu im Laden: {product} für {sum}.",
           "Versandkostenfrei bis {date}.", "Mitglieder sparen {percent} auf {product}.", "Lesen Sie das Gespräch mit {person} {surname} in unserem Magazin."],
    "fr": ["Cette semaine : {product} à {percent} de réduction.", "Nouveau dans la boutique : {product} pour {sum}.",
           "Livraison gratuite jusqu'au {date}.", "Les membres économisent {percent} sur les {product}."],
    "es": ["Esta semana: {product} con {percent} de descuento.", "Nuevo en la tienda: {product} por {sum}.",
           "Envío gratis hasta el {date}.", "Los socios ahorran {percent} en {product}."],
}
# What nobody asked for.
PILLS = {
    "en": ["Buy {pill} without prescription, {percent} off today only!", "Order now and get {number} free {pill} with worldwide delivery.",
           "Doctors hate it: lose {number} pounds in a week with {pill}.", "Cheap {pill}, discreet packing, satisfaction guaranteed.",
           "Act now, this offer expires on {date}.", "100% natural {pill}, no side effects, money back guarantee."],
    "de": ["{pill} ohne Rezept, heute {percent} billiger!", "Jetzt bestellen und {number} Packungen {pill} gratis erhalten.",
           "Abnehmen ohne Sport mit {pill}, Ärzte sind entsetzt.", "Diskreter Versand, Geld-zurück-Garantie."],
    "fr": ["Achetez {pill} sans ordonnance, {percent} de remise aujourd'hui !", "Commandez maintenant et recevez {number} boîtes de {pill} gratuites.",
           "Perdez {number} kilos avec {pill}.", "Livraison discrète, satisfait ou remboursé."],
    "es": ["¡Compre {pill} sin receta, {percent} de descuento hoy!", "Pida ahora y reciba {number} cajas de {pill} gratis.",
           "Pierda {number} kilos con {pill}.", "Envío discreto, satisfacción garantizada."],
}
MONEY = {
    "en": ["I am {person} {surname}, a widow, and I wish to donate {sum} million to you before I die.", "You have been selected to receive {sum} million; reply with your full name and address.",
           "Invest {sum} in {coin} and earn {percent} every day, guaranteed.", "Your email address has won the international lottery, claim number {number}.",
           "I am a lawyer and your late relative left {sum} million in a bank account.", "Kindly contact my secretary {person} for the transfer of the fund.",
           "Work from home and earn {sum} a week with {coin}, no experience needed.", "This is strictly confidential and 100% risk free."],
    "de": ["Ich bin {person} {surname}, Witwe, und möchte Ihnen {sum} Millionen spenden.", "Investieren Sie {sum} in {coin} und verdienen Sie täglich {percent}.",
           "Ihre Adresse hat in der Lotterie gewonnen, Nummer {number}.", "Antworten Sie mit Name und Anschrift, streng vertraulich."],
    "fr": ["Je suis {person} {surname}, veuve, et je souhaite vous léguer {sum} millions.", "Investissez {sum} en {coin} et gagnez {percent} par jour.",
           "Votre adresse a gagné à la loterie, numéro {number}.", "Répondez avec votre nom et adresse, strictement confidentiel."],
    "es": ["Soy {person} {surname}, viuda, y deseo donarle {sum} millones.", "Invierta {sum} en {coin} y gane {percent} cada día.",
           "Su dirección ha ganado la lotería, número {number}.", "Responda con su nombre y dirección, estrictamente confidencial."],
}
PHISHING = {
    "en": ["Your account at {bank} has been limited; verify your password within {number} hours.", "We noticed an unusual sign-in, please confirm your details below.",
           "A parcel could not be delivered, pay {sum} to release it.", "Your mailbox is full, upgrade now or it will be closed on {date}.",
           "An invoice of {sum} is attached to your account, click to cancel the payment.", "Failure to verify will lead to suspension of your account."],
    "de": ["Ihr Konto bei {bank} wurde eingeschränkt; bestätigen Sie Ihr Passwort innerhalb von {number} Stunden.", "Ein Paket konnte nicht zugestellt werden, zahlen Sie {sum}.",
           "Ihr Postfach ist voll und wird am {date} geschlossen.", "Wir haben eine ungewöhnliche Anmeldung bemerkt, bitte bestätigen Sie Ihre Daten."],
    "fr": ["Votre compte chez {bank} est limité ; confirmez votre mot de passe sous {number} heures.", "Un colis n'a pu être livré, payez {sum}.",
           "Votre boîte est pleine et sera fermée le {date}.", "Une connexion inhabituelle a été constatée, confirmez vos données."],
    "es": ["Su cuenta en {bank} está limitada; confirme su contraseña en {number} horas.", "No se pudo entregar un paquete, pague {sum}.",
           "Su buzón está lleno y se cerrará el {date}.", "Detectamos un acceso inusual, confirme sus datos."],
}
PITCH = {
    "en": ["I came across your website and noticed that it does not rank well; we offer SEO for {sum} a month.", "Would you like {number} new customers by {date}? Let me know a good time to call.",
           "We are a leading manufacturer of {product} and offer the best price.", "Just following up on my last email about the {thing} for {team}.",
           "I can send you a free {thing} of your site, no obligation."],
    "de": ["Ihre Webseite wird schlecht gefunden; wir bieten SEO für {sum} im Monat.", "Wünschen Sie {number} neue Kunden bis {date}?",
           "Wir sind führender Hersteller für {product} und bieten den besten Preis."],
    "fr": ["Votre site est mal référencé ; nous proposons le SEO pour {sum} par mois.", "Souhaitez-vous {number} nouveaux clients avant le {date} ?"],
    "es": ["Su web no aparece en los buscadores; ofrecemos SEO por {sum} al mes.", "¿Quiere {number} clientes nuevos antes del {date}?"],
}
GREETINGS = {"en": ["Dear {person},", "Hi {person},", "Hello,", "Good morning,"], "de": ["Liebe {person},", "Guten Tag,", "Hallo {person},"],
             "fr": ["Bonjour {person},", "Madame, Monsieur,"], "es": ["Hola {person},", "Estimados señores:"]}
FAREWELLS = {"en": ["Best regards", "Thanks", "Cheers", "Kind regards"], "de": ["Viele Grüße", "Mit freundlichen Grüßen"],
             "fr": ["Cordialement", "Bien à vous"], "es": ["Saludos", "Un cordial saludo"]}
