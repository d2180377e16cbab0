<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE">
<context>
    <name>Actions</name>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>High contrast</source>
        <translation>Hoher Kontrast</translation>
    </message>
    <message>
        <source>Confirm the answer</source>
        <translation>Antwort bestätigen</translation>
    </message>
    <message>
        <source>Choose one of the five results</source>
        <translation>Eines der fünf Ergebnisse wählen</translation>
    </message>
    <message>
        <source>Search for the right part</source>
        <translation>Das richtige Teil suchen</translation>
    </message>
    <message>
        <source>Declare a new part</source>
        <translation>Als neues Teil melden</translation>
    </message>
    <message>
        <source>Take the last answer back</source>
        <translation>Letzte Antwort zurücknehmen</translation>
    </message>
    <message>
        <source>Look at the part again</source>
        <translation>Teil noch einmal ansehen</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>All keys</source>
        <translation>Alle Tasten</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Simulation: next part</source>
        <translation>Simulation: nächstes Teil</translation>
    </message>
    <message>
        <source>Simulation: unlearned part</source>
        <translation>Simulation: ungelerntes Teil</translation>
    </message>
    <message>
        <source>Simulation: take the part off</source>
        <translation>Simulation: Teil abnehmen</translation>
    </message>
</context>
<context>
    <name>Cards</name>
    <message>
        <source>Weight fits</source>
        <translation>Gewicht passt</translation>
    </message>
    <message>
        <source>Weight differs</source>
        <translation>Gewicht weicht ab</translation>
    </message>
    <message>
        <source>Weight not checked</source>
        <translation>Gewicht ungeprüft</translation>
    </message>
    <message>
        <source>Size fits</source>
        <translation>Größe passt</translation>
    </message>
    <message>
        <source>Size differs</source>
        <translation>Größe weicht ab</translation>
    </message>
    <message>
        <source>Size not checked</source>
        <translation>Größe ungeprüft</translation>
    </message>
</context>
<context>
    <name>KeysDialog</name>
    <message>
        <source>All keys</source>
        <translation>Alle Tasten</translation>
    </message>
    <message>
        <source>Search; any other letter starts the search with it</source>
        <translation>Suche; jeder andere Buchstabe beginnt die Suche mit ihm</translation>
    </message>
    <message>
        <source>Close the search, take a question away</source>
        <translation>Suche schließen, Rückfrage verwerfen</translation>
    </message>
    <message>
        <source>Scanner</source>
        <translation>Scanner</translation>
    </message>
    <message>
        <source>Answers with the part whose number was scanned</source>
        <translation>Antwortet mit dem Teil, dessen Nummer gescannt wurde</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Part</source>
        <translation>Teil</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>{0} · part recognition</source>
        <translation>{0} · Teileerkennung</translation>
    </message>
</context>
<context>
    <name>Operator</name>
    <message>
        <source>This part is answered. Take it off the plate.</source>
        <translation>Dieses Teil ist beantwortet. Nehmen Sie es von der Platte.</translation>
    </message>
    <message>
        <source>There is nothing to confirm yet.</source>
        <translation>Es gibt noch nichts zu bestätigen.</translation>
    </message>
    <message>
        <source>There is no result {place} to choose.</source>
        <translation>Es gibt kein Ergebnis {place} zu wählen.</translation>
    </message>
    <message>
        <source>The plate changed while you searched. Please search again.</source>
        <translation>Die Platte hat sich während der Suche geändert. Bitte suchen Sie noch einmal.</translation>
    </message>
    <message>
        <source>The last answer is taken back.</source>
        <translation>Die letzte Antwort ist zurückgenommen.</translation>
    </message>
    <message>
        <source>No part has the number {code}. F2 searches by name, N declares a new part.</source>
        <translation>Kein Teil hat die Nummer {code}. F2 sucht nach Namen, N meldet ein neues Teil.</translation>
    </message>
    <message>
        <source>{number} {name} scanned: put the part on the plate, then scan it again.</source>
        <translation>{number} {name} gescannt: Legen Sie das Teil auf die Platte und scannen Sie dann noch einmal.</translation>
    </message>
    <message>
        <source>There is no part to answer for. Put one on the plate.</source>
        <translation>Es liegt kein Teil zum Beantworten da. Legen Sie eines auf die Platte.</translation>
    </message>
    <message>
        <source>Scanned: {number} {name}. The station sees something else. Enter: the scan is right. Esc: no.</source>
        <translation>Gescannt: {number} {name}. Die Station sieht etwas anderes. Enter: Der Scan stimmt. Esc: nein.</translation>
    </message>
</context>
<context>
    <name>OperatorPage</name>
    <message>
        <source>Empty</source>
        <translation>Leer</translation>
    </message>
    <message>
        <source>Settling</source>
        <translation>Beruhigt sich</translation>
    </message>
    <message>
        <source>Captured</source>
        <translation>Aufgenommen</translation>
    </message>
    <message>
        <source>Recognised</source>
        <translation>Erkannt</translation>
    </message>
    <message>
        <source>Answered</source>
        <translation>Beantwortet</translation>
    </message>
    <message>
        <source>Weight</source>
        <translation>Gewicht</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>Suchen</translation>
    </message>
    <message>
        <source>New part</source>
        <translation>Neues Teil</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Zurücknehmen</translation>
    </message>
    <message>
        <source>Ctrl+Z</source>
        <translation>Strg+Z</translation>
    </message>
    <message>
        <source>Type a name, a number or a tag. ↑ ↓ mark a part, Enter answers with it, Esc closes.</source>
        <translation>Name, Nummer oder Merkmal eingeben. ↑ ↓ markieren ein Teil, Enter antwortet damit, Esc schließt.</translation>
    </message>
    <message>
        <source>Take the marked part</source>
        <translation>Markiertes nehmen</translation>
    </message>
    <message>
        <source>Confirm “unknown”</source>
        <translation>Als unbekannt</translation>
    </message>
    <message>
        <source>Confirm</source>
        <translation>Bestätigen</translation>
    </message>
</context>
<context>
    <name>SearchPanel</name>
    <message>
        <source>Name, number or tag</source>
        <translation>Name, Nummer oder Merkmal</translation>
    </message>
    <message>
        <source>Esc  Close</source>
        <translation>Esc  Schließen</translation>
    </message>
</context>
<context>
    <name>SimulationStrip</name>
    <message>
        <source>Simulation</source>
        <translation>Simulation</translation>
    </message>
    <message>
        <source>Next part  F6</source>
        <translation>Nächstes  F6</translation>
    </message>
    <message>
        <source>Unlearned part  F7</source>
        <translation>Ungelerntes  F7</translation>
    </message>
    <message>
        <source>Take off  F8</source>
        <translation>Abnehmen  F8</translation>
    </message>
    <message>
        <source>Pull a camera</source>
        <translation>Kamera ziehen</translation>
    </message>
    <message>
        <source>Camera {0} plugged in</source>
        <translation>Kamera {0} eingesteckt</translation>
    </message>
</context>
<context>
    <name>Situation</name>
    <message>
        <source>Put a part on the plate</source>
        <translation>Legen Sie ein Teil auf die Platte</translation>
    </message>
    <message>
        <source>The station is ready.</source>
        <translation>Die Station ist bereit.</translation>
    </message>
    <message>
        <source>One moment …</source>
        <translation>Einen Moment …</translation>
    </message>
    <message>
        <source>Hands off the plate until the picture and the weight are still.</source>
        <translation>Hände weg von der Platte, bis Bild und Gewicht ruhig sind.</translation>
    </message>
    <message>
        <source>Several parts on the plate</source>
        <translation>Mehrere Teile auf der Platte</translation>
    </message>
    <message>
        <source>Leave only one of them on the plate.</source>
        <translation>Lassen Sie nur eines davon auf der Platte.</translation>
    </message>
    <message>
        <source>The part reaches beyond the plate</source>
        <translation>Das Teil ragt über die Platte hinaus</translation>
    </message>
    <message>
        <source>Move it to the middle of the plate.</source>
        <translation>Schieben Sie es in die Mitte der Platte.</translation>
    </message>
    <message>
        <source>This part could not be recognised</source>
        <translation>Dieses Teil konnte nicht erkannt werden</translation>
    </message>
    <message>
        <source>F5 looks again. F2 finds the part by name or number.</source>
        <translation>F5 sieht noch einmal hin. F2 findet das Teil nach Name oder Nummer.</translation>
    </message>
    <message>
        <source>Recognising …</source>
        <translation>Wird erkannt …</translation>
    </message>
    <message>
        <source>The pictures are taken.</source>
        <translation>Die Bilder sind aufgenommen.</translation>
    </message>
    <message>
        <source>Most likely parts</source>
        <translation>Wahrscheinlichste Teile</translation>
    </message>
    <message>
        <source>Enter confirms. Is it another part? Press 2–5, or F2 to search.</source>
        <translation>Enter bestätigt. Ist es ein anderes Teil? Drücken Sie 2–5, oder F2 zum Suchen.</translation>
    </message>
    <message>
        <source>Weight or size does not fit this part: look twice before you confirm.</source>
        <translation>Gewicht oder Größe passt nicht zu diesem Teil: Sehen Sie zweimal hin, bevor Sie bestätigen.</translation>
    </message>
    <message>
        <source>{count} parts come into question: compare, then press the number of the right one.</source>
        <translation>{count} Teile kommen in Frage: Vergleichen Sie und drücken Sie die Ziffer des richtigen.</translation>
    </message>
    <message>
        <source>Unknown part</source>
        <translation>Unbekanntes Teil</translation>
    </message>
    <message>
        <source>It is none of the parts that the model has learned.</source>
        <translation>Es ist keines der Teile, die das Modell gelernt hat.</translation>
    </message>
    <message>
        <source>Enter confirms “unknown”, N declares a new part. Known after all? Press 1–5 or F2.</source>
        <translation>Enter bestätigt „unbekannt“, N meldet ein neues Teil. Doch bekannt? Drücken Sie 1–5 oder F2.</translation>
    </message>
    <message>
        <source>Most similar known parts</source>
        <translation>Ähnlichste bekannte Teile</translation>
    </message>
    <message>
        <source>Take the part off the plate. Ctrl+Z takes the answer back.</source>
        <translation>Nehmen Sie das Teil von der Platte. Strg+Z nimmt die Antwort zurück.</translation>
    </message>
    <message>
        <source>{number}  ·  confirmed</source>
        <translation>{number}  ·  bestätigt</translation>
    </message>
    <message>
        <source>{number}  ·  corrected</source>
        <translation>{number}  ·  berichtigt</translation>
    </message>
    <message>
        <source>Noted as unknown</source>
        <translation>Als unbekannt notiert</translation>
    </message>
    <message>
        <source>Noted as a new part</source>
        <translation>Als neues Teil notiert</translation>
    </message>
    <message>
        <source>The answer is kept.</source>
        <translation>Die Antwort ist festgehalten.</translation>
    </message>
</context>
<context>
    <name>Status</name>
    <message>
        <source>{text}  ·  {missing} missing</source>
        <translation>{text}  ·  {missing} fehlt</translation>
    </message>
    <message>
        <source>Cameras</source>
        <translation>Kameras</translation>
    </message>
    <message>
        <source>Scale</source>
        <translation>Waage</translation>
    </message>
    <message>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <source>does not answer</source>
        <translation>antwortet nicht</translation>
    </message>
    <message>
        <source>stable</source>
        <translation>ruhig</translation>
    </message>
    <message>
        <source>moving</source>
        <translation>bewegt</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Calibration</source>
        <translation>Kalibrierung</translation>
    </message>
    <message>
        <source>Journal</source>
        <translation>Journal</translation>
    </message>
    <message>
        <source>not kept</source>
        <translation>wird nicht geführt</translation>
    </message>
    <message>
        <source>{count} waiting for the disk</source>
        <translation>{count} warten auf den Datenträger</translation>
    </message>
    <message>
        <source>The disk refuses entries; they are kept in memory until it takes them.</source>
        <translation>Der Datenträger nimmt keine Einträge an; sie bleiben im Speicher, bis er sie nimmt.</translation>
    </message>
    <message>
        <source>complete</source>
        <translation>vollständig</translation>
    </message>
</context>
<context>
    <name>Tiles</name>
    <message>
        <source>No depth</source>
        <translation>Ohne Tiefe</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>Startet</translation>
    </message>
    <message>
        <source>No picture</source>
        <translation>Kein Bild</translation>
    </message>
    <message>
        <source>Reconnecting</source>
        <translation>Verbindet neu</translation>
    </message>
    <message>
        <source>Missing</source>
        <translation>Fehlt</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Angehalten</translation>
    </message>
</context>
<context>
    <name>Weighing</name>
    <message>
        <source>No scale at this station</source>
        <translation>Keine Waage an dieser Station</translation>
    </message>
    <message>
        <source>The scale does not answer</source>
        <translation>Die Waage antwortet nicht</translation>
    </message>
    <message>
        <source>Not still yet</source>
        <translation>Noch nicht ruhig</translation>
    </message>
    <message>
        <source>Too light to be used</source>
        <translation>Zu leicht, um zu zählen</translation>
    </message>
    <message>
        <source>Stable</source>
        <translation>Ruhig</translation>
    </message>
</context>
</TS>
