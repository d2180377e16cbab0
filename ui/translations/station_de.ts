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
        <source>Parts</source>
        <translation>Teile</translation>
    </message>
    <message>
        <source>Captures</source>
        <translation>Aufnahmen</translation>
    </message>
    <message>
        <source>Calibration</source>
        <translation>Kalibrierung</translation>
    </message>
    <message>
        <source>Health</source>
        <translation>Zustand</translation>
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
        <source>Zero the scale</source>
        <translation>Waage auf null setzen</translation>
    </message>
    <message>
        <source>Tare the tray on the scale</source>
        <translation>Schale auf der Waage tarieren</translation>
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
    <message>
        <source>Simulation: lay the session&apos;s part as asked</source>
        <translation>Simulation: das Teil der Sitzung wie verlangt auflegen</translation>
    </message>
    <message>
        <source>Simulation: hold the board in the next place</source>
        <translation>Simulation: Tafel an die nächste Stelle halten</translation>
    </message>
    <message>
        <source>Simulation: take the board away</source>
        <translation>Simulation: Tafel wegnehmen</translation>
    </message>
</context>
<context>
    <name>Advice</name>
    <message>
        <source>One moment …</source>
        <translation>Einen Moment …</translation>
    </message>
    <message>
        <source>Reading the pictures that were taken before.</source>
        <translation>Die früher gemachten Bilder werden gelesen.</translation>
    </message>
    <message>
        <source>No pictures come from the cameras.</source>
        <translation>Von den Kameras kommen keine Bilder.</translation>
    </message>
    <message>
        <source>Camera {a} does not see the plate&apos;s frame ({reason}). Clear it, or take the picture without.</source>
        <translation>Kamera {a} sieht den Rahmen der Platte nicht ({reason}). Ihn frei machen, oder das Bild ohne sie.</translation>
    </message>
    <message>
        <source>Leave the plate empty: its frame is being photographed.</source>
        <translation>Platte leer lassen: ihr Rahmen wird fotografiert.</translation>
    </message>
    <message>
        <source>Hold it still.</source>
        <translation>Still halten.</translation>
    </message>
    <message>
        <source>Only camera {a} sees the board: hold it so that another one sees it too.</source>
        <translation>Nur Kamera {a} sieht die Tafel: so halten, dass noch eine sie sieht.</translation>
    </message>
    <message>
        <source>Too close to camera {a}.</source>
        <translation>Zu nah an Kamera {a}.</translation>
    </message>
    <message>
        <source>Too far from camera {a}.</source>
        <translation>Zu weit weg von Kamera {a}.</translation>
    </message>
    <message>
        <source>Tilt the board towards camera {a}.</source>
        <translation>Die Tafel zu Kamera {a} neigen.</translation>
    </message>
    <message>
        <source>Camera {a} cannot see the board sharply.</source>
        <translation>Kamera {a} sieht die Tafel nicht scharf.</translation>
    </message>
    <message>
        <source>Camera {a} cannot use the board: {reason}.</source>
        <translation>Kamera {a} kann die Tafel nicht gebrauchen: {reason}.</translation>
    </message>
    <message>
        <source>Hold the board between camera {a} and camera {b}.</source>
        <translation>Die Tafel zwischen Kamera {a} und Kamera {b} halten.</translation>
    </message>
    <message>
        <source>Hold the board between camera {a} and camera {b}, tilted towards camera {a}.</source>
        <translation>Die Tafel zwischen Kamera {a} und Kamera {b} halten, zu Kamera {a} geneigt.</translation>
    </message>
    <message>
        <source>Show the board to camera {a}.</source>
        <translation>Kamera {a} die Tafel zeigen.</translation>
    </message>
    <message>
        <source>Tilt the board more before camera {a}.</source>
        <translation>Die Tafel vor Kamera {a} stärker neigen.</translation>
    </message>
    <message>
        <source>Hold the board nearer to camera {a}.</source>
        <translation>Die Tafel näher an Kamera {a} halten.</translation>
    </message>
    <message>
        <source>Hold the board farther from camera {a}.</source>
        <translation>Die Tafel weiter weg von Kamera {a} halten.</translation>
    </message>
    <message>
        <source>Hold the board where camera {a} sees it at the {part} of its picture.</source>
        <translation>Die Tafel so halten, dass Kamera {a} sie {part} im Bild sieht.</translation>
    </message>
    <message>
        <source>Enough pictures: press Solve.</source>
        <translation>Genug Bilder: jetzt berechnen.</translation>
    </message>
    <message>
        <source>Solving.</source>
        <translation>Es wird berechnet.</translation>
    </message>
    <message>
        <source>Look at the result, then accept it or take more pictures.</source>
        <translation>Das Ergebnis ansehen, dann annehmen oder weitere Bilder machen.</translation>
    </message>
    <message>
        <source>The calibration is in use.</source>
        <translation>Die Kalibrierung ist in Gebrauch.</translation>
    </message>
    <message>
        <source>no picture came</source>
        <translation>es kam kein Bild</translation>
    </message>
    <message>
        <source>upper left</source>
        <translation>oben links</translation>
    </message>
    <message>
        <source>upper right</source>
        <translation>oben rechts</translation>
    </message>
    <message>
        <source>left</source>
        <translation>links</translation>
    </message>
    <message>
        <source>right</source>
        <translation>rechts</translation>
    </message>
    <message>
        <source>lower left</source>
        <translation>unten links</translation>
    </message>
    <message>
        <source>lower right</source>
        <translation>unten rechts</translation>
    </message>
</context>
<context>
    <name>Assign</name>
    <message>
        <source>Which place does this camera show?</source>
        <translation>Welchen Platz zeigt diese Kamera?</translation>
    </message>
    <message>
        <source>Every camera has its place.</source>
        <translation>Jede Kamera hat ihren Platz.</translation>
    </message>
    <message>
        <source>Press its picture, then its place: a digit, 0 for ten. Enter writes it down.</source>
        <translation>Erst auf ihr Bild, dann auf ihren Platz drücken: eine Ziffer, 0 für zehn. Enter schreibt es auf.</translation>
    </message>
    <message>
        <source>No picture yet</source>
        <translation>Noch kein Bild</translation>
    </message>
    <message>
        <source>Without a camera: {places}</source>
        <translation>Ohne Kamera: {places}</translation>
    </message>
</context>
<context>
    <name>AssignWindow</name>
    <message>
        <source>Places of the cameras</source>
        <translation>Plätze der Kameras</translation>
    </message>
    <message>
        <source>Write</source>
        <translation>Schreiben</translation>
    </message>
    <message>
        <source>Leave without writing</source>
        <translation>Gehen, ohne zu schreiben</translation>
    </message>
    <message>
        <source>free</source>
        <translation>frei</translation>
    </message>
</context>
<context>
    <name>Boards</name>
    <message>
        <source>This is no board&apos;s id. It is printed on the sheet, as chess-10x7-25.</source>
        <translation>Das ist keine Kennung einer Tafel. Sie steht auf dem Blatt, etwa chess-10x7-25.</translation>
    </message>
    <message>
        <source>This is the frame on the plate. Choose the board that you hold in your hand.</source>
        <translation>Das ist der Rahmen auf der Platte. Die Tafel wählen, die in der Hand gehalten wird.</translation>
    </message>
    <message>
        <source>Chessboard</source>
        <translation>Schachbrett</translation>
    </message>
    <message>
        <source>ChArUco</source>
        <translation>ChArUco</translation>
    </message>
    <message>
        <source>{kind} {columns} × {rows} squares, {square} mm</source>
        <translation>{kind} {columns} × {rows} Felder, {square} mm</translation>
    </message>
    <message>
        <source>{columns} × {rows} squares = {across} × {down} inner corners. {width} × {height} mm in all.</source>
        <translation>{columns} × {rows} Felder = {across} × {down} innere Ecken. Zusammen {width} × {height} mm.</translation>
    </message>
    <message>
        <source>Markers of {marker} mm.</source>
        <translation>Marken von {marker} mm.</translation>
    </message>
    <message>
        <source>Turned by half it looks the same: rather take one with an odd and an even side.</source>
        <translation>Halb gedreht sieht es gleich aus: besser eines mit einer geraden und einer ungeraden Seite.</translation>
    </message>
</context>
<context>
    <name>Calibration</name>
    <message>
        <source>Give this calibration up? Esc again: yes. Any other key: no.</source>
        <translation>Diese Kalibrierung aufgeben? Noch einmal Esc: ja. Jede andere Taste: nein.</translation>
    </message>
    <message>
        <source>The cameras are being made ready …</source>
        <translation>Die Kameras werden vorbereitet …</translation>
    </message>
    <message>
        <source>The calibration is being stored …</source>
        <translation>Die Kalibrierung wird gespeichert …</translation>
    </message>
    <message>
        <source>The calibration is being exchanged …</source>
        <translation>Die Kalibrierung wird ausgetauscht …</translation>
    </message>
    <message>
        <source>The board is being drawn …</source>
        <translation>Die Tafel wird gezeichnet …</translation>
    </message>
    <message>
        <source>The report is being written …</source>
        <translation>Der Bericht wird geschrieben …</translation>
    </message>
    <message>
        <source>The calibration is being exported …</source>
        <translation>Die Kalibrierung wird exportiert …</translation>
    </message>
    <message>
        <source>The calibration was given up. Nothing was changed.</source>
        <translation>Die Kalibrierung wurde aufgegeben. Es ist nichts geändert.</translation>
    </message>
    <message>
        <source>Calibration {id} is active again.</source>
        <translation>Kalibrierung {id} gilt wieder.</translation>
    </message>
    <message>
        <source>One moment …</source>
        <translation>Einen Moment …</translation>
    </message>
    <message>
        <source>{path} is written.</source>
        <translation>{path} ist geschrieben.</translation>
    </message>
    <message>
        <source>Pictures: {count}</source>
        <translation>Bilder: {count}</translation>
    </message>
    <message>
        <source>{count} dropped</source>
        <translation>{count} verworfen</translation>
    </message>
    <message>
        <source>{picture} taken: {cameras}.</source>
        <translation>{picture} gemacht: {cameras}.</translation>
    </message>
    <message>
        <source>Good</source>
        <translation>Gut</translation>
    </message>
    <message>
        <source>1 picture</source>
        <translation>1 Bild</translation>
    </message>
    <message>
        <source>{count} pictures</source>
        <translation>{count} Bilder</translation>
    </message>
    <message>
        <source>tilt</source>
        <translation>schräg</translation>
    </message>
    <message>
        <source>near</source>
        <translation>nah</translation>
    </message>
    <message>
        <source>far</source>
        <translation>fern</translation>
    </message>
    <message>
        <source>All cameras are tied together.</source>
        <translation>Alle Kameras hängen zusammen.</translation>
    </message>
    <message>
        <source>{names} and {count} more</source>
        <translation>{names} und {count} weitere</translation>
    </message>
    <message>
        <source>Still need a common picture: {pairs}</source>
        <translation>Brauchen noch ein gemeinsames Bild: {pairs}</translation>
    </message>
    <message>
        <source>{count} cameras</source>
        <translation>{count} Kameras</translation>
    </message>
    <message>
        <source>dropped  ·  {detail}</source>
        <translation>verworfen  ·  {detail}</translation>
    </message>
    <message>
        <source>Begin</source>
        <translation>Beginnen</translation>
    </message>
    <message>
        <source>Plate</source>
        <translation>Platte</translation>
    </message>
    <message>
        <source>Board</source>
        <translation>Tafel</translation>
    </message>
    <message>
        <source>Solve</source>
        <translation>Berechnen</translation>
    </message>
    <message>
        <source>Result</source>
        <translation>Ergebnis</translation>
    </message>
    <message>
        <source>Empty the plate, have the printed board at hand: Enter begins. It takes five minutes.</source>
        <translation>Platte leeren, gedruckte Tafel bereithalten: Enter beginnt. Es dauert fünf Minuten.</translation>
    </message>
    <message>
        <source>{usable} of {count} cameras see the frame on the plate.</source>
        <translation>{usable} von {count} Kameras sehen den Rahmen auf der Platte.</translation>
    </message>
    <message>
        <source>The picture is taken by itself. Space takes it now.</source>
        <translation>Das Bild wird von selbst gemacht. Die Leertaste macht es sofort.</translation>
    </message>
    <message>
        <source>The cameras’ places are being solved</source>
        <translation>Die Lage der Kameras wird berechnet</translation>
    </message>
    <message>
        <source>{percent} % done</source>
        <translation>{percent} % fertig</translation>
    </message>
    <message>
        <source>You can put the board away meanwhile. Esc cancels; the pictures are kept.</source>
        <translation>Die Tafel kann weg. Esc bricht ab; die Bilder bleiben.</translation>
    </message>
    <message>
        <source>Every camera has what it needs.</source>
        <translation>Jede Kamera hat, was sie braucht.</translation>
    </message>
    <message>
        <source>Enter solves. More pictures do no harm.</source>
        <translation>Enter berechnet. Mehr Bilder schaden nicht.</translation>
    </message>
    <message>
        <source>Still wanted: {cameras}.</source>
        <translation>Noch gebraucht: {cameras}.</translation>
    </message>
    <message>
        <source>Hold the board still until the ring is full. Space takes the picture now.</source>
        <translation>Die Tafel still halten, bis der Ring voll ist. Die Leertaste macht das Bild sofort.</translation>
    </message>
    <message>
        <source>Every camera still needs pictures.</source>
        <translation>Jede Kamera braucht noch Bilder.</translation>
    </message>
    <message>
        <source>Calibration {id} with {count} cameras is active: parts are recognised with it.</source>
        <translation>Kalibrierung {id} mit {count} Kameras gilt: mit ihr werden die Teile erkannt.</translation>
    </message>
    <message>
        <source>The station is calibrated</source>
        <translation>Die Station ist kalibriert</translation>
    </message>
    <message>
        <source>Leave the plate empty a moment: it is learned anew. Enter goes back to the parts.</source>
        <translation>Platte kurz leer lassen: sie wird neu gelernt. Enter geht zurück zu den Teilen.</translation>
    </message>
    <message>
        <source>The cameras are not calibrated</source>
        <translation>Die Kameras sind nicht kalibriert</translation>
    </message>
    <message>
        <source>Parts cannot be recognised until a calibration is accepted.</source>
        <translation>Teile werden erst erkannt, wenn eine Kalibrierung angenommen ist.</translation>
    </message>
    <message>
        <source>Calibrated {when}</source>
        <translation>Kalibriert {when}</translation>
    </message>
    <message>
        <source>{count} cameras  ·  {id}  ·  {source}</source>
        <translation>{count} Kameras  ·  {id}  ·  {source}</translation>
    </message>
    <message>
        <source>{when}  ·  active now</source>
        <translation>{when}  ·  gilt jetzt</translation>
    </message>
    <message>
        <source>{first} and {last}</source>
        <translation>{first} und {last}</translation>
    </message>
    <message>
        <source>camera {names}</source>
        <translation>Kamera {names}</translation>
    </message>
    <message>
        <source>cameras {names}</source>
        <translation>Kameras {names}</translation>
    </message>
    <message>
        <source>Picture {number}</source>
        <translation>Bild {number}</translation>
    </message>
    <message>
        <source>The plate</source>
        <translation>Die Platte</translation>
    </message>
    <message>
        <source>%Y-%m-%d %H:%M</source>
        <translation>%d.%m.%Y %H:%M</translation>
    </message>
    <message>
        <source>Too small</source>
        <translation>Zu klein</translation>
    </message>
    <message>
        <source>The board looks too small: hold it nearer to this camera.</source>
        <translation>Die Tafel ist zu klein zu sehen: näher an diese Kamera halten.</translation>
    </message>
    <message>
        <source>Cut off</source>
        <translation>Abgeschnitten</translation>
    </message>
    <message>
        <source>The board reaches the picture&apos;s border: hold it wholly inside.</source>
        <translation>Die Tafel reicht an den Bildrand: ganz ins Bild halten.</translation>
    </message>
    <message>
        <source>Too slanted</source>
        <translation>Zu schräg</translation>
    </message>
    <message>
        <source>The board is seen too flat: turn it towards this camera.</source>
        <translation>Die Tafel ist zu flach zu sehen: zu dieser Kamera drehen.</translation>
    </message>
    <message>
        <source>Blurred</source>
        <translation>Unscharf</translation>
    </message>
    <message>
        <source>The picture is blurred: hold the board still, or clean the lens.</source>
        <translation>Das Bild ist unscharf: still halten oder das Objektiv reinigen.</translation>
    </message>
    <message>
        <source>Not usable</source>
        <translation>Unbrauchbar</translation>
    </message>
    <message>
        <source>{path} is written. Print it without scaling and measure the ruler.</source>
        <translation>{path} ist geschrieben. Ohne Skalierung drucken und das Lineal nachmessen.</translation>
    </message>
    <message>
        <source>{path}: {count} sheets. Print without scaling, join them at the cut marks.</source>
        <translation>{path}: {count} Blätter. Ohne Skalierung drucken, an den Schnittmarken zusammenfügen.</translation>
    </message>
</context>
<context>
    <name>CalibrationButtons</name>
    <message>
        <source>Begin</source>
        <translation>Beginnen</translation>
    </message>
    <message>
        <source>Print the board</source>
        <translation>Tafel drucken</translation>
    </message>
    <message>
        <source>Use the marked one again</source>
        <translation>Die markierte wieder nehmen</translation>
    </message>
    <message>
        <source>Take now</source>
        <translation>Jetzt aufnehmen</translation>
    </message>
    <message>
        <source>Plate again</source>
        <translation>Platte neu</translation>
    </message>
    <message>
        <source>Drop / keep</source>
        <translation>Verwerfen / behalten</translation>
    </message>
    <message>
        <source>Solve</source>
        <translation>Berechnen</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>Annehmen</translation>
    </message>
    <message>
        <source>More pictures</source>
        <translation>Mehr Bilder</translation>
    </message>
    <message>
        <source>Drop marked, solve</source>
        <translation>Ohne markierte</translation>
    </message>
    <message>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Export</translation>
    </message>
    <message>
        <source>Back to the one before</source>
        <translation>Zurück zur vorigen</translation>
    </message>
    <message>
        <source>Give up</source>
        <translation>Aufgeben</translation>
    </message>
    <message>
        <source>To the parts</source>
        <translation>Zu den Teilen</translation>
    </message>
    <message>
        <source>Calibrate again</source>
        <translation>Neu kalibrieren</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Leer</translation>
    </message>
    <message>
        <source>Del</source>
        <translation>Entf</translation>
    </message>
</context>
<context>
    <name>CalibrationPage</name>
    <message>
        <source>Print the board</source>
        <translation>Tafel drucken</translation>
    </message>
    <message>
        <source>Write the report</source>
        <translation>Bericht schreiben</translation>
    </message>
    <message>
        <source>calibration.pdf</source>
        <translation>Kalibrierung.pdf</translation>
    </message>
    <message>
        <source>Export into a folder</source>
        <translation>In einen Ordner exportieren</translation>
    </message>
</context>
<context>
    <name>Capture</name>
    <message>
        <source>Why keep it?</source>
        <translation>Warum behalten?</translation>
    </message>
    <message>
        <source>A digit chooses a reason; Tab and a sentence of your own are fine, too.</source>
        <translation>Eine Ziffer wählt einen Grund; Tab und ein eigener Satz gehen auch.</translation>
    </message>
    <message>
        <source>Reading …</source>
        <translation>Wird gelesen …</translation>
    </message>
    <message>
        <source>Nothing is here.</source>
        <translation>Hier ist nichts.</translation>
    </message>
    <message>
        <source>A digit chooses. It gets the next free place there.</source>
        <translation>Eine Ziffer wählt. Dort bekommt sie den nächsten freien Platz.</translation>
    </message>
    <message>
        <source>Into which split?</source>
        <translation>In welche Menge?</translation>
    </message>
    <message>
        <source>Which part is it?</source>
        <translation>Welches Teil ist es?</translation>
    </message>
    <message>
        <source>What is kept</source>
        <translation>Bestand</translation>
    </message>
    <message>
        <source>What waits for review</source>
        <translation>Was auf Durchsicht wartet</translation>
    </message>
    <message>
        <source>What lies in the trash</source>
        <translation>Was im Papierkorb liegt</translation>
    </message>
    <message>
        <source>Left and right go to the next one, Space switches the outlines, Esc closes it.</source>
        <translation>Links und rechts gehen zur nächsten, Leertaste schaltet die Umrisse, Esc schließt sie.</translation>
    </message>
    <message>
        <source>Enter shows the ten views of the marked one.</source>
        <translation>Enter zeigt die zehn Ansichten der markierten.</translation>
    </message>
    <message>
        <source>{name}  ·  {count} captures</source>
        <translation>{name}  ·  {count} Aufnahmen</translation>
    </message>
    <message>
        <source>{name}  ·  1 capture</source>
        <translation>{name}  ·  1 Aufnahme</translation>
    </message>
    <message>
        <source>Kept</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>Waiting for review</source>
        <translation>Wartet auf Durchsicht</translation>
    </message>
    <message>
        <source>In the trash</source>
        <translation>Im Papierkorb</translation>
    </message>
    <message>
        <source>All classes</source>
        <translation>Alle Klassen</translation>
    </message>
    <message>
        <source>All splits</source>
        <translation>Alle Mengen</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Begleitdatei</translation>
    </message>
    <message>
        <source>No picture</source>
        <translation>Kein Bild</translation>
    </message>
    <message>
        <source>No class has the number {code}.</source>
        <translation>Keine Klasse hat die Nummer {code}.</translation>
    </message>
    <message>
        <source>It is of that class already.</source>
        <translation>Sie gehört schon zu dieser Klasse.</translation>
    </message>
    <message>
        <source>Into the trash …</source>
        <translation>In den Papierkorb …</translation>
    </message>
    <message>
        <source>The picture is kept …</source>
        <translation>Das Bild wird gespeichert …</translation>
    </message>
    <message>
        <source>It lies in that split already.</source>
        <translation>Sie liegt schon in dieser Menge.</translation>
    </message>
    <message>
        <source>Seen and accepted in the review</source>
        <translation>In der Durchsicht gesehen und angenommen</translation>
    </message>
    <message>
        <source>Gates warn of it: {gates}. The same key again takes it all the same, which is kept with it.</source>
        <translation>Davor wird gewarnt: {gates}. Dieselbe Taste noch einmal nimmt sie trotzdem; das wird dazu vermerkt.</translation>
    </message>
    <message>
        <source>It lies now in: {name}, {place}</source>
        <translation>Sie liegt jetzt in: {name}, {place}</translation>
    </message>
    <message>
        <source>The capture is moved …</source>
        <translation>Die Aufnahme wird verschoben …</translation>
    </message>
    <message>
        <source>It is the picture of its class now: {name}</source>
        <translation>Es ist jetzt das Bild seiner Klasse: {name}</translation>
    </message>
    <message>
        <source>It lies in the trash. R brings it back.</source>
        <translation>Sie liegt im Papierkorb. R holt sie zurück.</translation>
    </message>
    <message>
        <source>It is back: {place}</source>
        <translation>Sie ist zurück: {place}</translation>
    </message>
    <message>
        <source>The capture is brought back …</source>
        <translation>Die Aufnahme wird zurückgeholt …</translation>
    </message>
    <message>
        <source>The reason holds for the rest of this session. A: for this look alone.</source>
        <translation>Der Grund gilt für den Rest der Sitzung. A: nur für diesen Blick.</translation>
    </message>
    <message>
        <source>A new class</source>
        <translation>Eine neue Klasse</translation>
    </message>
    <message>
        <source>Number and name are enough; a scanner reads the number.</source>
        <translation>Nummer und Name genügen; ein Scanner liest die Nummer.</translation>
    </message>
    <message>
        <source>Which part gets captures?</source>
        <translation>Welches Teil wird aufgenommen?</translation>
    </message>
    <message>
        <source>Search by name, number or tag, or scan its number.</source>
        <translation>Nach Name, Nummer oder Merkmal suchen, oder die Nummer scannen.</translation>
    </message>
    <message>
        <source>The plan is not full. End the session? Esc again: yes. Any other key: no.</source>
        <translation>Der Plan ist nicht voll. Die Sitzung beenden? Noch einmal Esc: ja. Jede andere Taste: nein.</translation>
    </message>
    <message>
        <source>A reason is needed: it is kept with the capture.</source>
        <translation>Ein Grund ist nötig: Er wird mit der Aufnahme gespeichert.</translation>
    </message>
    <message>
        <source>A number and a name are needed.</source>
        <translation>Nummer und Name sind nötig.</translation>
    </message>
    <message>
        <source>The class is being made …</source>
        <translation>Die Klasse wird angelegt …</translation>
    </message>
    <message>
        <source>No class has the number {code}. F2 makes a new one.</source>
        <translation>Keine Klasse hat die Nummer {code}. F2 legt eine neue an.</translation>
    </message>
    <message>
        <source>{count} being written</source>
        <translation>{count} wird geschrieben</translation>
    </message>
    <message>
        <source>{split} {position}</source>
        <translation>{split} {position}</translation>
    </message>
    <message>
        <source>open</source>
        <translation>offen</translation>
    </message>
    <message>
        <source>next</source>
        <translation>als Nächstes</translation>
    </message>
    <message>
        <source>being written</source>
        <translation>wird geschrieben</translation>
    </message>
    <message>
        <source>kept</source>
        <translation>behalten</translation>
    </message>
    <message>
        <source>skipped</source>
        <translation>ausgelassen</translation>
    </message>
    <message>
        <source>No look yet</source>
        <translation>Noch kein Blick</translation>
    </message>
    <message>
        <source>The last look was taken</source>
        <translation>Der letzte Blick wurde behalten</translation>
    </message>
    <message>
        <source>The last look was refused</source>
        <translation>Der letzte Blick wurde abgelehnt</translation>
    </message>
    <message>
        <source>The last look</source>
        <translation>Der letzte Blick</translation>
    </message>
    <message>
        <source>The part is like that</source>
        <translation>Das Teil ist so</translation>
    </message>
    <message>
        <source>The same from every side</source>
        <translation>Von allen Seiten gleich</translation>
    </message>
    <message>
        <source>Its weight varies</source>
        <translation>Sein Gewicht schwankt</translation>
    </message>
    <message>
        <source>No depth on its surface</source>
        <translation>Oberfläche ohne Tiefe</translation>
    </message>
    <message>
        <source>No better light here</source>
        <translation>Hier kein besseres Licht</translation>
    </message>
    <message>
        <source>It cannot lie otherwise</source>
        <translation>Es liegt nicht anders</translation>
    </message>
    <message>
        <source>{train} + {valid} + {test}</source>
        <translation>{train} + {valid} + {test}</translation>
    </message>
    <message>
        <source>Reading what the class has.</source>
        <translation>Was die Klasse hat, wird gelesen.</translation>
    </message>
    <message>
        <source>One moment …</source>
        <translation>Einen Moment …</translation>
    </message>
    <message>
        <source>The look is being judged.</source>
        <translation>Der Blick wird beurteilt.</translation>
    </message>
    <message>
        <source>Hands off, please.</source>
        <translation>Bitte Hände weg.</translation>
    </message>
    <message>
        <source>Not taken. It is looked at again by itself when it was moved; Space looks at once.</source>
        <translation>Nicht behalten. Bewegt, wird es von selbst neu betrachtet; Leertaste schaut sofort.</translation>
    </message>
    <message>
        <source>This session was interrupted.</source>
        <translation>Diese Sitzung wurde unterbrochen.</translation>
    </message>
    <message>
        <source>{kept} captures are there, whole. P goes on, Esc ends the session.</source>
        <translation>{kept} Aufnahmen sind da, heil. P macht weiter, Esc beendet die Sitzung.</translation>
    </message>
    <message>
        <source>It is being written and does not count yet. The next may be laid already.</source>
        <translation>Sie wird geschrieben und zählt noch nicht. Weitergehen darf es schon.</translation>
    </message>
    <message>
        <source>Kept: {place}. Z takes it back.</source>
        <translation>Behalten: {place}. Z nimmt es zurück.</translation>
    </message>
    <message>
        <source>Taken back. Y does it again.</source>
        <translation>Zurückgenommen. Y stellt es wieder her.</translation>
    </message>
    <message>
        <source>Z takes the last step back.</source>
        <translation>Z nimmt den letzten Schritt zurück.</translation>
    </message>
    <message>
        <source>Turn the part by {degrees}°.</source>
        <translation>Das Teil um {degrees}° drehen.</translation>
    </message>
    <message>
        <source>Turn the part back by {degrees}°.</source>
        <translation>Das Teil um {degrees}° zurückdrehen.</translation>
    </message>
    <message>
        <source>Put the part on the plate.</source>
        <translation>Das Teil auf die Platte legen.</translation>
    </message>
    <message>
        <source>Lay it on another side.</source>
        <translation>Auf eine andere Seite legen.</translation>
    </message>
    <message>
        <source>Lift it and lay it down anew.</source>
        <translation>Anheben und neu hinlegen.</translation>
    </message>
    <message>
        <source>Not taken. See below.</source>
        <translation>Nicht behalten. Siehe unten.</translation>
    </message>
    <message>
        <source>Keep it? Or lay it better.</source>
        <translation>Behalten? Oder besser legen.</translation>
    </message>
    <message>
        <source>Not kept.</source>
        <translation>Nicht gespeichert.</translation>
    </message>
    <message>
        <source>Paused.</source>
        <translation>Pause.</translation>
    </message>
    <message>
        <source>All captures are there.</source>
        <translation>Alle Aufnahmen sind da.</translation>
    </message>
    <message>
        <source>K keeps it and asks why; moved, it is looked at again.</source>
        <translation>K behält sie und fragt warum; bewegt, wird es neu betrachtet.</translation>
    </message>
    <message>
        <source>Space takes it again when that is mended.</source>
        <translation>Leertaste nimmt sie neu auf, wenn das behoben ist.</translation>
    </message>
    <message>
        <source>P goes on where it stopped.</source>
        <translation>P macht weiter, wo es aufhörte.</translation>
    </message>
    <message>
        <source>Esc ends the session, K goes on with another position of the part.</source>
        <translation>Esc beendet die Sitzung, K macht mit einer weiteren Lage des Teils weiter.</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Validation</source>
        <translation>Validierung</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Test</translation>
    </message>
    <message>
        <source>Training, position {position}, rotation {rotation} of 12</source>
        <translation>Training, Lage {position}, Drehung {rotation} von 12</translation>
    </message>
    <message>
        <source>One whole part</source>
        <translation>Ein ganzes Teil</translation>
    </message>
    <message>
        <source>All views</source>
        <translation>Alle Ansichten</translation>
    </message>
    <message>
        <source>Same instant</source>
        <translation>Gleicher Augenblick</translation>
    </message>
    <message>
        <source>Sharpness</source>
        <translation>Schärfe</translation>
    </message>
    <message>
        <source>Too bright</source>
        <translation>Zu hell</translation>
    </message>
    <message>
        <source>Too dark</source>
        <translation>Zu dunkel</translation>
    </message>
    <message>
        <source>Large enough</source>
        <translation>Groß genug</translation>
    </message>
    <message>
        <source>Inside the picture</source>
        <translation>Im Bild</translation>
    </message>
    <message>
        <source>Depth</source>
        <translation>Tiefe</translation>
    </message>
    <message>
        <source>Scale at rest</source>
        <translation>Waage in Ruhe</translation>
    </message>
    <message>
        <source>Weight of the class</source>
        <translation>Gewicht der Klasse</translation>
    </message>
    <message>
        <source>New pose</source>
        <translation>Neue Lage</translation>
    </message>
    <message>
        <source>waits for review</source>
        <translation>wartet auf Durchsicht</translation>
    </message>
    <message>
        <source>in the trash</source>
        <translation>im Papierkorb</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Platz</translation>
    </message>
    <message>
        <source>Taken</source>
        <translation>Aufgenommen</translation>
    </message>
    <message>
        <source>Gates warn of</source>
        <translation>Gewarnt wird vor</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>Benennung</translation>
    </message>
    <message>
        <source>Calibration</source>
        <translation>Kalibrierung</translation>
    </message>
    <message>
        <source>In the trash since</source>
        <translation>Im Papierkorb seit</translation>
    </message>
    <message>
        <source>Kept in spite of: {gate}</source>
        <translation>Behalten trotz: {gate}</translation>
    </message>
    <message>
        <source>Weight</source>
        <translation>Gewicht</translation>
    </message>
    <message>
        <source>{weight}, not at rest</source>
        <translation>{weight}, nicht in Ruhe</translation>
    </message>
    <message>
        <source>Without camera</source>
        <translation>Ohne Kamera</translation>
    </message>
    <message>
        <source>Without depth: camera</source>
        <translation>Ohne Tiefe: Kamera</translation>
    </message>
    <message>
        <source>chosen on this page</source>
        <translation>auf dieser Seite gewählt</translation>
    </message>
    <message>
        <source>an operator confirmed it</source>
        <translation>am Platz bestätigt</translation>
    </message>
    <message>
        <source>an operator corrected it</source>
        <translation>am Platz berichtigt</translation>
    </message>
    <message>
        <source>changed later</source>
        <translation>später geändert</translation>
    </message>
    <message>
        <source>by the simulator</source>
        <translation>von der Simulation</translation>
    </message>
    <message>
        <source>imported</source>
        <translation>eingelesen</translation>
    </message>
    <message>
        <source>{count} missing</source>
        <translation>{count} fehlen</translation>
    </message>
    <message>
        <source>{count} cut</source>
        <translation>{count} angeschnitten</translation>
    </message>
    <message>
        <source>{count} without</source>
        <translation>{count} ohne</translation>
    </message>
    <message>
        <source>yes</source>
        <translation>ja</translation>
    </message>
    <message>
        <source>too high</source>
        <translation>zu hoch</translation>
    </message>
    <message>
        <source>Lay it flat: it stands out of what is watched.</source>
        <translation>Flach legen: Es ragt aus dem beobachteten Raum.</translation>
    </message>
    <message>
        <source>no part</source>
        <translation>kein Teil</translation>
    </message>
    <message>
        <source>beyond the plate</source>
        <translation>über den Rand</translation>
    </message>
    <message>
        <source>several parts</source>
        <translation>mehrere Teile</translation>
    </message>
    <message>
        <source>Leave one part only on the plate.</source>
        <translation>Nur ein Teil auf der Platte lassen.</translation>
    </message>
    <message>
        <source>reached into</source>
        <translation>Hand im Bild</translation>
    </message>
    <message>
        <source>Take hands, sleeves and cables away.</source>
        <translation>Hände, Ärmel und Kabel wegnehmen.</translation>
    </message>
    <message>
        <source>not seen</source>
        <translation>nicht gesehen</translation>
    </message>
    <message>
        <source>The look failed. Space looks again.</source>
        <translation>Der Blick schlug fehl. Leertaste schaut neu.</translation>
    </message>
    <message>
        <source>no</source>
        <translation>nein</translation>
    </message>
    <message>
        <source>It looks the same however it is turned. Keep it, or skip the place.</source>
        <translation>Es sieht gedreht gleich aus. Behalten, oder den Platz auslassen.</translation>
    </message>
    <message>
        <source>Leave one part in the middle, and take everything else away.</source>
        <translation>Ein Teil in der Mitte lassen, alles andere wegnehmen.</translation>
    </message>
    <message>
        <source>Wait until the cameras are back; the health page (F9) says why.</source>
        <translation>Warten, bis die Kameras wieder da sind; die Zustandsseite (F9) sagt, warum.</translation>
    </message>
    <message>
        <source>Look again; if it stays, see the health page (F9).</source>
        <translation>Neu schauen; bleibt es, hilft die Zustandsseite (F9).</translation>
    </message>
    <message>
        <source>Let it lie still. Clean the lens, or focus the camera.</source>
        <translation>Still liegen lassen. Linse putzen oder Kamera scharf stellen.</translation>
    </message>
    <message>
        <source>Turn it out of the glare, or lower the exposure.</source>
        <translation>Aus dem Glanz drehen oder kürzer belichten.</translation>
    </message>
    <message>
        <source>Give more light, or raise the exposure.</source>
        <translation>Mehr Licht geben oder länger belichten.</translation>
    </message>
    <message>
        <source>The part is very small here. Keep it if that is so.</source>
        <translation>Das Teil ist hier sehr klein. Behalten, wenn das stimmt.</translation>
    </message>
    <message>
        <source>Move it to the middle of the plate.</source>
        <translation>In die Mitte der Platte schieben.</translation>
    </message>
    <message>
        <source>Turn it a little; a black or shiny part may have none.</source>
        <translation>Etwas drehen; schwarze oder glänzende Teile haben oft keine.</translation>
    </message>
    <message>
        <source>Hands off the plate until the weight is still.</source>
        <translation>Hände weg, bis das Gewicht ruht.</translation>
    </message>
    <message>
        <source>Is this the right part? Zero the empty scale.</source>
        <translation>Ist es das richtige Teil? Die leere Waage nullen.</translation>
    </message>
    <message>
        <source>It lies as it lay before. Turn it.</source>
        <translation>Es liegt wie zuvor. Drehen.</translation>
    </message>
    <message>
        <source>A camera was moved. Calibrate it (F4).</source>
        <translation>Eine Kamera wurde verschoben. Kalibrieren (F4).</translation>
    </message>
    <message>
        <source>Camera {views}: {todo}</source>
        <translation>Kamera {views}: {todo}</translation>
    </message>
</context>
<context>
    <name>CaptureButtons</name>
    <message>
        <source>Begin</source>
        <translation>Beginnen</translation>
    </message>
    <message>
        <source>New class</source>
        <translation>Neue Klasse</translation>
    </message>
    <message>
        <source>Make the class</source>
        <translation>Klasse anlegen</translation>
    </message>
    <message>
        <source>What is kept</source>
        <translation>Bestand</translation>
    </message>
    <message>
        <source>Take now</source>
        <translation>Aufnehmen</translation>
    </message>
    <message>
        <source>Keep it</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <source>For the whole session</source>
        <translation>Für die ganze Sitzung</translation>
    </message>
    <message>
        <source>Skip</source>
        <translation>Auslassen</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wieder</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Go on</source>
        <translation>Weiter</translation>
    </message>
    <message>
        <source>End</source>
        <translation>Ende</translation>
    </message>
    <message>
        <source>Accept</source>
        <translation>Annehmen</translation>
    </message>
    <message>
        <source>Class</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <source>Split</source>
        <translation>Menge</translation>
    </message>
    <message>
        <source>Trash</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Restore</source>
        <translation>Holen</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Outlines</source>
        <translation>Umrisse</translation>
    </message>
    <message>
        <source>As picture</source>
        <translation>Als Bild</translation>
    </message>
    <message>
        <source>Weigh</source>
        <translation>Wiegen</translation>
    </message>
    <message>
        <source>Training</source>
        <translation>Training</translation>
    </message>
    <message>
        <source>Validation</source>
        <translation>Validierung</translation>
    </message>
    <message>
        <source>Test</source>
        <translation>Test</translation>
    </message>
    <message>
        <source>This class</source>
        <translation>Diese Klasse</translation>
    </message>
    <message>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <source>Space</source>
        <translation>Leer</translation>
    </message>
    <message>
        <source>Del</source>
        <translation>Entf</translation>
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
        <source>Weight {measured}, expected {expected}</source>
        <translation>Gewicht {measured}, erwartet {expected}</translation>
    </message>
    <message>
        <source>Weight fits to {share}</source>
        <translation>Gewicht passt auf {share}</translation>
    </message>
    <message>
        <source>{factor} × too heavy</source>
        <translation>{factor}-mal zu schwer</translation>
    </message>
    <message>
        <source>{factor} × too light</source>
        <translation>{factor}-mal zu leicht</translation>
    </message>
    <message>
        <source>{share} too heavy</source>
        <translation>{share} zu schwer</translation>
    </message>
    <message>
        <source>{share} too light</source>
        <translation>{share} zu leicht</translation>
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
    <message>
        <source>Size {measured}, expected {expected}</source>
        <translation>Größe {measured}, erwartet {expected}</translation>
    </message>
    <message>
        <source>Size fits to {off} mm</source>
        <translation>Größe passt auf {off} mm</translation>
    </message>
    <message>
        <source>{off} mm longer than {edge} mm</source>
        <translation>{off} mm länger als {edge} mm</translation>
    </message>
    <message>
        <source>{off} mm shorter than {edge} mm</source>
        <translation>{off} mm kürzer als {edge} mm</translation>
    </message>
</context>
<context>
    <name>ChooseStep</name>
    <message>
        <source>Name, number or tag</source>
        <translation>Name, Nummer oder Merkmal</translation>
    </message>
    <message>
        <source>No class is called so. F2 makes a new one.</source>
        <translation>Keine Klasse heißt so. F2 legt eine neue an.</translation>
    </message>
    <message>
        <source>Training {0}, validation {1}, test {2}</source>
        <translation>Training {0}, Validierung {1}, Test {2}</translation>
    </message>
    <message>
        <source>No picture</source>
        <translation>Kein Bild</translation>
    </message>
</context>
<context>
    <name>CollectStep</name>
    <message>
        <source>Pictures that two cameras share</source>
        <translation>Gemeinsame Bilder zweier Kameras</translation>
    </message>
</context>
<context>
    <name>Doubts</name>
    <message>
        <source>The calibration in use has {cameras}, this one does not.</source>
        <translation>Die Kalibrierung in Gebrauch hat {cameras}, diese nicht.</translation>
    </message>
    <message>
        <source>{cameras}: sure to {mm} mm only.</source>
        <translation>{cameras}: nur auf {mm} mm sicher.</translation>
    </message>
    <message>
        <source>Enter again accepts it even so.</source>
        <translation>Noch einmal Enter übernimmt sie trotzdem.</translation>
    </message>
</context>
<context>
    <name>Findings</name>
    <message>
        <source>{cameras}: no picture of the board. Not solved.</source>
        <translation>{cameras}: kein Bild der Tafel. Nicht berechnet.</translation>
    </message>
    <message>
        <source>{cameras}: too few pictures in common with the others. Not solved.</source>
        <translation>{cameras}: zu wenige gemeinsame Bilder mit den anderen. Nicht berechnet.</translation>
    </message>
    <message>
        <source>No picture ties {cameras} to the rest. Hold the board where cameras of both groups see it.</source>
        <translation>Kein Bild verbindet {cameras} mit dem Rest. Die Tafel dorthin halten, wo Kameras beider Gruppen sie sehen.</translation>
    </message>
    <message>
        <source>{cameras}: {views}, sure to {mm} mm. Show the board there more often.</source>
        <translation>{cameras}: {views}, auf {mm} mm sicher. Die Tafel dort öfter zeigen.</translation>
    </message>
    <message>
        <source>{pictures}: {cameras} read the board turned. It was used the right way round.</source>
        <translation>{pictures}: {cameras} las die Tafel verdreht. Sie wurde richtig herum verwendet.</translation>
    </message>
    <message>
        <source>{pictures}: what {cameras} saw does not fit the others. It was left out.</source>
        <translation>{pictures}: was {cameras} sah, passt nicht zu den anderen. Es blieb außen vor.</translation>
    </message>
    <message>
        <source>{pictures}: some corners of {cameras} are far off. They were left out.</source>
        <translation>{pictures}: einige Ecken von {cameras} liegen weit daneben. Sie blieben außen vor.</translation>
    </message>
    <message>
        <source>No longer where the calibration says: {cameras}. Calibrate all cameras anew.</source>
        <translation>Nicht mehr dort, wo die Kalibrierung sagt: {cameras}. Alle Kameras neu kalibrieren.</translation>
    </message>
    <message>
        <source>The pictures contradict the given focal lengths, most of all of {cameras}: by {change}.</source>
        <translation>Die Bilder widersprechen den gegebenen Brennweiten, am meisten der von {cameras}: um {change}.</translation>
    </message>
    <message>
        <source>The board moved while it was photographed, or the cameras are not in step. Hold it still.</source>
        <translation>Die Tafel bewegte sich bei der Aufnahme, oder die Kameras nehmen nicht gleichzeitig auf. Ruhig halten.</translation>
    </message>
    <message>
        <source>The board&apos;s squares are {change} off the stated size. Measure the ruler on the sheet.</source>
        <translation>Die Felder der Tafel weichen um {change} von der angegebenen Größe ab. Das Lineal auf dem Blatt nachmessen.</translation>
    </message>
    <message>
        <source>Nothing says how sure these stand: {cameras}. Calibrate all cameras anew.</source>
        <translation>Nichts sagt, wie sicher diese stehen: {cameras}. Alle Kameras neu kalibrieren.</translation>
    </message>
    <message>
        <source>OpenCV&apos;s own solve puts {cameras} elsewhere. Take more pictures and solve again.</source>
        <translation>OpenCVs eigene Rechnung sieht {cameras} anderswo. Mehr Aufnahmen machen und neu berechnen.</translation>
    </message>
</context>
<context>
    <name>Health</name>
    <message>
        <source>Hold the board {board} still above the middle of the plate, where many cameras see it whole.</source>
        <translation>Die Tafel {board} über der Mitte der Platte still halten, wo viele Kameras sie ganz sehen.</translation>
    </message>
    <message>
        <source>↑ ↓ mark a camera in the table and in the plot. ← → choose what the plot shows.</source>
        <translation>↑ ↓ wählen eine Kamera in Tabelle und Bild. ← → wählen, was das Bild zeigt.</translation>
    </message>
    <message>
        <source>Camera {cameras} gives no pictures.</source>
        <translation>Kamera {cameras} liefert keine Bilder.</translation>
    </message>
    <message>
        <source>The station is not calibrated.</source>
        <translation>Die Station ist nicht kalibriert.</translation>
    </message>
    <message>
        <source>Calibration {id} is in use; it was not checked yet. Every part is a check.</source>
        <translation>Kalibrierung {id} gilt; sie wurde noch nicht geprüft. Jedes Teil ist eine Prüfung.</translation>
    </message>
    <message>
        <source>{count} things need a technician. The calibration was not checked yet.</source>
        <translation>{count} Dinge brauchen einen Techniker. Die Kalibrierung wurde noch nicht geprüft.</translation>
    </message>
    <message>
        <source>{count} things need a technician. Checked {ago}.</source>
        <translation>{count} Dinge brauchen einen Techniker. Geprüft {ago}.</translation>
    </message>
    <message>
        <source>One thing needs a technician. Checked {ago}.</source>
        <translation>Eine Sache braucht einen Techniker. Geprüft {ago}.</translation>
    </message>
    <message>
        <source>All cameras stream and stand in their places. Checked {ago}.</source>
        <translation>Alle Kameras liefern und stehen an ihrem Platz. Geprüft {ago}.</translation>
    </message>
    <message>
        <source>No checks yet. Every part that is recognised adds one.</source>
        <translation>Noch keine Prüfungen. Jedes erkannte Teil bringt eine.</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>State</source>
        <translation>Zustand</translation>
    </message>
    <message>
        <source>Newest</source>
        <translation>Alter</translation>
    </message>
    <message>
        <source>Lost</source>
        <translation>Fehlt</translation>
    </message>
    <message>
        <source>Restarts</source>
        <translation>Neustarts</translation>
    </message>
    <message>
        <source>Place</source>
        <translation>Lage</translation>
    </message>
    <message>
        <source>Moved, mm</source>
        <translation>Versetzt, mm</translation>
    </message>
    <message>
        <source>Turned, °</source>
        <translation>Gedreht, °</translation>
    </message>
    <message>
        <source>Error, px</source>
        <translation>Fehler, px</translation>
    </message>
    <message>
        <source>Since</source>
        <translation>Seit</translation>
    </message>
    <message>
        <source>Depth, mm</source>
        <translation>Tiefe, mm</translation>
    </message>
    <message>
        <source>Pictures/s</source>
        <translation>Bilder/s</translation>
    </message>
    <message>
        <source>Skew, ms</source>
        <translation>Versatz, ms</translation>
    </message>
    <message>
        <source>USB</source>
        <translation>USB</translation>
    </message>
    <message>
        <source>Heat, °C</source>
        <translation>Wärme, °C</translation>
    </message>
    <message>
        <source>Depth, %</source>
        <translation>Tiefe, %</translation>
    </message>
    <message>
        <source>Sharpness</source>
        <translation>Schärfe</translation>
    </message>
    <message>
        <source>Brightness, %</source>
        <translation>Helligkeit, %</translation>
    </message>
    <message>
        <source>Exposure, ms</source>
        <translation>Belichtet, ms</translation>
    </message>
    <message>
        <source>Filters, ms</source>
        <translation>Filter, ms</translation>
    </message>
    <message>
        <source>Open for</source>
        <translation>Offen seit</translation>
    </message>
    <message>
        <source>streams</source>
        <translation>liefert</translation>
    </message>
    <message>
        <source>not checked</source>
        <translation>ungeprüft</translation>
    </message>
    <message>
        <source>exchanged</source>
        <translation>getauscht</translation>
    </message>
    <message>
        <source>moved</source>
        <translation>versetzt</translation>
    </message>
    <message>
        <source>stands</source>
        <translation>steht</translation>
    </message>
    <message>
        <source>dead</source>
        <translation>tot</translation>
    </message>
    <message>
        <source>{count} min</source>
        <translation>{count} min</translation>
    </message>
    <message>
        <source>{count} h</source>
        <translation>{count} h</translation>
    </message>
    <message>
        <source>{count} days</source>
        <translation>{count} Tage</translation>
    </message>
    <message>
        <source>The plate lies {mm} mm from its place. Put it back, or calibrate the rig.</source>
        <translation>Die Platte liegt {mm} mm neben ihrem Platz. Zurücklegen, oder neu kalibrieren.</translation>
    </message>
    <message>
        <source>Camera {camera} was moved by {mm} mm and {turned}°. Calibrate it again.</source>
        <translation>Kamera {camera} wurde um {mm} mm und {turned}° versetzt. Neu kalibrieren.</translation>
    </message>
    <message>
        <source>Camera {camera} is another device than the calibrated one. Calibrate it.</source>
        <translation>Kamera {camera} ist ein anderes Gerät als das kalibrierte. Kalibrieren.</translation>
    </message>
    <message>
        <source>Camera {camera} sends no pictures. It is opened again if that lasts.</source>
        <translation>Kamera {camera} sendet keine Bilder. Hält das an, wird sie neu geöffnet.</translation>
    </message>
    <message>
        <source>Camera {camera} is away and is looked for. Check its cable and its plug.</source>
        <translation>Kamera {camera} ist weg und wird gesucht. Kabel und Stecker prüfen.</translation>
    </message>
    <message>
        <source>Camera {camera} does not come back. Unplug it and plug it in again.</source>
        <translation>Kamera {camera} kommt nicht wieder. Stecken Sie sie ab und wieder an.</translation>
    </message>
    <message>
        <source>Camera {camera} is switched off. Start the station again.</source>
        <translation>Kamera {camera} ist abgeschaltet. Starten Sie die Station neu.</translation>
    </message>
    <message>
        <source>Camera {camera} has been opening for {seconds} s. Unplug it for a while.</source>
        <translation>Kamera {camera} wird seit {seconds} s geöffnet. Eine Weile ausstecken.</translation>
    </message>
    <message>
        <source>Camera {camera} waits for camera {other}, which has been opening for {seconds} s.</source>
        <translation>Kamera {camera} wartet auf Kamera {other}, die seit {seconds} s geöffnet wird.</translation>
    </message>
    <message>
        <source>Camera {camera} waits: listing the cameras hangs for {seconds} s. Unplug them.</source>
        <translation>Kamera {camera} wartet: Die Kameraliste hängt seit {seconds} s. Kameras ausstecken.</translation>
    </message>
    <message>
        <source>Camera {camera} is hot: {celsius} °C. Give it cooler air.</source>
        <translation>Kamera {camera} ist heiß: {celsius} °C. Sie braucht kühlere Luft.</translation>
    </message>
    <message>
        <source>Heat and exposure of camera {cameras} are not told any more: a camera hangs.</source>
        <translation>Wärme und Belichtung von Kamera {cameras} sind nicht mehr bekannt: Eine Kamera hängt.</translation>
    </message>
    <message>
        <source>{count} pictures came faster than they could be used. Close other programs.</source>
        <translation>{count} Bilder kamen schneller, als sie verwendet werden konnten. Andere Programme schließen.</translation>
    </message>
    <message>
        <source>The program met a fault with pictures, {count} times, and goes on. Keep the log.</source>
        <translation>Das Programm hatte mit Bildern einen Fehler, {count} mal, und läuft weiter. Das Protokoll aufheben.</translation>
    </message>
    <message>
        <source>Camera {camera} measures no depth. Check its projector and its glass.</source>
        <translation>Kamera {camera} misst keine Tiefe. Projektor und Glas prüfen.</translation>
    </message>
    <message>
        <source>Camera {camera} shows the same picture for {value} s. Plug it in again.</source>
        <translation>Kamera {camera} zeigt seit {value} s dasselbe Bild. Stecken Sie sie neu an.</translation>
    </message>
    <message>
        <source>Camera {camera} is {value} ms later than the others. Check its cable.</source>
        <translation>Kamera {camera} kommt {value} ms später als die anderen. Prüfen Sie ihr Kabel.</translation>
    </message>
    <message>
        <source>The clock of camera {camera} has jumped. Plug it in again if that stays.</source>
        <translation>Die Uhr von Kamera {camera} ist gesprungen. Stecken Sie sie neu an, wenn das bleibt.</translation>
    </message>
    <message>
        <source>Camera {camera} is off in colour by {share} %. Set its white balance anew.</source>
        <translation>Kamera {camera} weicht in der Farbe um {share} % ab. Stellen Sie ihren Weißabgleich neu ein.</translation>
    </message>
    <message>
        <source>Camera {camera} has {share} % of the others&apos; sharpness. Clean its glass.</source>
        <translation>Kamera {camera} hat {share} % der Schärfe der anderen. Reinigen Sie ihr Glas.</translation>
    </message>
    <message>
        <source>Camera {camera} is connected by USB {usb}. Use a USB 3 port and cable.</source>
        <translation>Kamera {camera} hängt an USB {usb}. Nehmen Sie Anschluss und Kabel für USB 3.</translation>
    </message>
    <message>
        <source>Camera {camera} loses {share} % of its pictures. Check its cable and USB port.</source>
        <translation>Kamera {camera} verliert {share} % ihrer Bilder. Prüfen Sie Kabel und USB-Anschluss.</translation>
    </message>
    <message>
        <source>The scale is silent. Check its power, its cable and its port.</source>
        <translation>Die Waage schweigt. Strom, Kabel und Anschluss prüfen.</translation>
    </message>
    <message>
        <source>The line to the scale is broken. Check its cable.</source>
        <translation>Die Leitung zur Waage ist unterbrochen. Kabel prüfen.</translation>
    </message>
    <message>
        <source>The scale sends nothing intelligible. Check its baud rate, protocol and cable.</source>
        <translation>Die Waage sendet nichts Verständliches. Baudrate, Protokoll und Kabel prüfen.</translation>
    </message>
    <message>
        <source>Another program holds the scale&apos;s line. Close it.</source>
        <translation>Ein anderes Programm hält die Leitung der Waage. Dieses schließen.</translation>
    </message>
    <message>
        <source>The scale has not come to rest since it was opened. Take hands off the plate.</source>
        <translation>Die Waage ist seit dem Öffnen nicht zur Ruhe gekommen. Hände von der Platte nehmen.</translation>
    </message>
    <message>
        <source>The scale talks, but says no weight to believe. Check its cable and its protocol.</source>
        <translation>Die Waage sendet, aber kein glaubhaftes Gewicht. Kabel und Protokoll prüfen.</translation>
    </message>
    <message>
        <source>The scale was switched on anew, its tare is gone. Empty it, or tare the tray again.</source>
        <translation>Die Waage wurde neu eingeschaltet, ihre Tara ist weg. Leeren oder die Schale neu tarieren.</translation>
    </message>
    <message>
        <source>The scale cannot weigh. Look at its display; it may show a menu or warm up.</source>
        <translation>Die Waage kann nicht wiegen. Sehen Sie auf ihre Anzeige: Menü oder Anwärmen?</translation>
    </message>
    <message>
        <source>The scale drifts. Let it warm up and look whether something touches the plate.</source>
        <translation>Die Waage driftet. Lassen Sie sie warm werden und sehen Sie, ob etwas die Platte berührt.</translation>
    </message>
    <message>
        <source>The scale weighs in a unit that is not understood. Set it to g, kg, lb or oz.</source>
        <translation>Die Einheit der Waage ist unbekannt. Stellen Sie sie auf g, kg, lb oder oz.</translation>
    </message>
    <message>
        <source>More lies on the plate than the scale can weigh. Take the load off.</source>
        <translation>Auf der Platte liegt mehr, als die Waage wiegen kann. Nehmen Sie die Last ab.</translation>
    </message>
    <message>
        <source>The scale is below its zero. Check that the plate lies freely, then zero it.</source>
        <translation>Die Waage steht unter null. Prüfen Sie, ob die Platte frei liegt, und nullen Sie sie.</translation>
    </message>
    <message>
        <source>The scale says more than it can weigh. Check max_kg and the unit of the scale.</source>
        <translation>Die Waage nennt mehr, als sie wiegen kann. max_kg und Einheit der Waage prüfen.</translation>
    </message>
    <message>
        <source>The weight jumps about. Keep draughts and vibration away and check the cable.</source>
        <translation>Das Gewicht springt. Zugluft und Erschütterungen fernhalten, Kabel prüfen.</translation>
    </message>
    <message>
        <source>Camera {camera} measures the plate {mm} mm too far away.</source>
        <translation>Kamera {camera} misst die Platte {mm} mm zu weit weg.</translation>
    </message>
    <message>
        <source>Camera {camera} measures the plate {mm} mm too near.</source>
        <translation>Kamera {camera} misst die Platte {mm} mm zu nah.</translation>
    </message>
    <message>
        <source>Camera {camera} measures the plate tilted by {tilt}°.</source>
        <translation>Kamera {camera} misst die Platte um {tilt}° gekippt.</translation>
    </message>
    <message>
        <source>Camera {camera} measures depth with {noise} mm of noise.</source>
        <translation>Kamera {camera} misst Tiefe mit {noise} mm Rauschen.</translation>
    </message>
    <message>
        <source>Camera {camera} has drifted by {mm} mm (limit {limit} mm). Calibrate it again.</source>
        <translation>Kamera {camera} ist um {mm} mm gewandert (Grenze {limit} mm). Neu kalibrieren.</translation>
    </message>
    <message>
        <source>Camera {camera} drifts by {slope} mm a day. Tighten its mount.</source>
        <translation>Kamera {camera} wandert {slope} mm am Tag. Halterung festziehen.</translation>
    </message>
    <message>
        <source>Daily check: camera {cameras} was moved. Calibrate it again.</source>
        <translation>Tägliche Prüfung: Kamera {cameras} wurde versetzt. Neu kalibrieren.</translation>
    </message>
    <message>
        <source>Daily check: {seen} of {of} cameras see the board in one place, within {mm} mm. They stand well.</source>
        <translation>Tägliche Prüfung: {seen} von {of} Kameras sehen die Tafel am selben Ort, auf {mm} mm. Sie stehen gut.</translation>
    </message>
    <message>
        <source>{count} s ago</source>
        <translation>vor {count} s</translation>
    </message>
    <message>
        <source>{count} min ago</source>
        <translation>vor {count} min</translation>
    </message>
    <message>
        <source>{count} h ago</source>
        <translation>vor {count} h</translation>
    </message>
    <message>
        <source>{count} days ago</source>
        <translation>vor {count} Tagen</translation>
    </message>
    <message>
        <source>limit {mm} mm</source>
        <translation>Grenze {mm} mm</translation>
    </message>
    <message>
        <source>Distance from the calibrated place, mm</source>
        <translation>Abstand vom kalibrierten Ort, mm</translation>
    </message>
    <message>
        <source>hot from here</source>
        <translation>ab hier heiß</translation>
    </message>
    <message>
        <source>Pictures per second</source>
        <translation>Bilder je Sekunde</translation>
    </message>
    <message>
        <source>Age of the newest picture, s</source>
        <translation>Alter des neuesten Bildes, s</translation>
    </message>
    <message>
        <source>Taken later than the others, ms</source>
        <translation>Später aufgenommen als die anderen, ms</translation>
    </message>
    <message>
        <source>Lost pictures</source>
        <translation>Fehlende Bilder</translation>
    </message>
    <message>
        <source>Temperature, °C</source>
        <translation>Temperatur, °C</translation>
    </message>
    <message>
        <source>Picture with depth, %</source>
        <translation>Bild mit Tiefe, %</translation>
    </message>
    <message>
        <source>Processors, %</source>
        <translation>Prozessoren, %</translation>
    </message>
    <message>
        <source>Graphics card, %</source>
        <translation>Grafikkarte, %</translation>
    </message>
    <message>
        <source>Memory, %</source>
        <translation>Speicher, %</translation>
    </message>
    <message>
        <source>load</source>
        <translation>Last</translation>
    </message>
    <message>
        <source>memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>total</source>
        <translation>gesamt</translation>
    </message>
    <message>
        <source>station</source>
        <translation>Station</translation>
    </message>
    <message>
        <source>These cameras tell no temperature.</source>
        <translation>Diese Kameras nennen keine Temperatur.</translation>
    </message>
    <message>
        <source>No graphics card tells its load.</source>
        <translation>Keine Grafikkarte nennt ihre Last.</translation>
    </message>
    <message>
        <source>No figures yet. One comes every second.</source>
        <translation>Noch keine Werte. Jede Sekunde kommt einer.</translation>
    </message>
    <message>
        <source>Cameras in step</source>
        <translation>Kameras im Takt</translation>
    </message>
    <message>
        <source>No pictures of all cameras were joined in the last seconds.</source>
        <translation>In den letzten Sekunden kamen keine Bilder der Kameras zusammen.</translation>
    </message>
    <message>
        <source>The newest pictures lack camera {cameras}; the others lie {skew} ms apart.</source>
        <translation>Den neuesten Bildern fehlt Kamera {cameras}; die anderen liegen {skew} ms auseinander.</translation>
    </message>
    <message>
        <source>The newest pictures of all cameras were taken within {skew} ms.</source>
        <translation>Die neuesten Bilder aller Kameras entstanden innerhalb von {skew} ms.</translation>
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
        <source>no weight</source>
        <translation>kein Gewicht</translation>
    </message>
    <message>
        <source>doubtful</source>
        <translation>zweifelhaft</translation>
    </message>
    <message>
        <source>still</source>
        <translation>ruhig</translation>
    </message>
    <message>
        <source>moves</source>
        <translation>bewegt</translation>
    </message>
    <message>
        <source>Processors</source>
        <translation>Prozessoren</translation>
    </message>
    <message>
        <source>Graphics card</source>
        <translation>Grafikkarte</translation>
    </message>
    <message>
        <source>Memory</source>
        <translation>Speicher</translation>
    </message>
    <message>
        <source>Disk</source>
        <translation>Platte</translation>
    </message>
    <message>
        <source>The machine tells no figures now: they are asked first, or a disk or card hangs.</source>
        <translation>Der Rechner nennt gerade keine Werte: Sie werden erst gefragt, oder Platte oder Karte hängt.</translation>
    </message>
    <message>
        <source>Of this, the station&apos;s program takes {own}.</source>
        <translation>Davon braucht das Programm der Station {own}.</translation>
    </message>
    <message>
        <source>The disk of the data directory does not answer.</source>
        <translation>Die Platte des Datenordners antwortet nicht.</translation>
    </message>
    <message>
        <source>{free} GB free</source>
        <translation>{free} GB frei</translation>
    </message>
    <message>
        <source>exposure {value} ms</source>
        <translation>Belichtung {value} ms</translation>
    </message>
    <message>
        <source>gain {value}</source>
        <translation>Verstärkung {value}</translation>
    </message>
    <message>
        <source>white balance {value} K</source>
        <translation>Weißabgleich {value} K</translation>
    </message>
    <message>
        <source>Colour: {parts}.</source>
        <translation>Farbe: {parts}.</translation>
    </message>
    <message>
        <source>{count} came twice or late</source>
        <translation>{count} doppelt oder zu spät</translation>
    </message>
    <message>
        <source>{count} fitted no others</source>
        <translation>{count} ohne passende andere</translation>
    </message>
    <message>
        <source>{count} found no free memory</source>
        <translation>{count} ohne freien Speicher</translation>
    </message>
    <message>
        <source>Of its pictures {parts}.</source>
        <translation>Von ihren Bildern {parts}.</translation>
    </message>
</context>
<context>
    <name>HealthPage</name>
    <message>
        <source>For the technician</source>
        <translation>Für den Techniker</translation>
    </message>
    <message>
        <source>The figure before</source>
        <translation>Der Wert davor</translation>
    </message>
    <message>
        <source>The next figure</source>
        <translation>Der nächste Wert</translation>
    </message>
    <message>
        <source>Nothing is to be done.</source>
        <translation>Es ist nichts zu tun.</translation>
    </message>
    <message>
        <source>End the check</source>
        <translation>Prüfung beenden</translation>
    </message>
    <message>
        <source>Daily check</source>
        <translation>Tägliche Prüfung</translation>
    </message>
    <message>
        <source>Places</source>
        <translation>Standorte</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Drift over days</source>
        <translation>Drift über Tage</translation>
    </message>
    <message>
        <source>Last ten minutes</source>
        <translation>Letzte zehn Minuten</translation>
    </message>
    <message>
        <source>min</source>
        <translation>min</translation>
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
        <source>Calibration, health</source>
        <translation>Kalibrierung, Zustand</translation>
    </message>
    <message>
        <source>Every key of those pages stands on its button</source>
        <translation>Jede Taste dieser Seiten steht auf ihrem Knopf</translation>
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
        <source>Station</source>
        <translation>Station</translation>
    </message>
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
    <name>NewClassStep</name>
    <message>
        <source>Part number</source>
        <translation>Teilenummer</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Weight in grams, where it is known</source>
        <translation>Gewicht in Gramm, wenn bekannt</translation>
    </message>
    <message>
        <source>Belongs to, from the widest, with commas between</source>
        <translation>Gehört zu, vom Weitesten an, durch Kommas getrennt</translation>
    </message>
    <message>
        <source>Tags: a press or Space chooses</source>
        <translation>Merkmale: ein Druck oder die Leertaste wählt</translation>
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
        <source>The scale is being zeroed: hands off the plate …</source>
        <translation>Die Waage wird auf null gesetzt: Hände weg von der Platte …</translation>
    </message>
    <message>
        <source>The scale is at zero.</source>
        <translation>Die Waage steht auf null.</translation>
    </message>
    <message>
        <source>The tray is being tared: hands off the plate …</source>
        <translation>Die Schale wird tariert: Hände weg von der Platte …</translation>
    </message>
    <message>
        <source>The tray is tared. Put the parts into it one by one.</source>
        <translation>Die Schale ist tariert. Legen Sie die Teile einzeln hinein.</translation>
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
    <name>QuietStep</name>
    <message>
        <source>No calibration is ever changed or lost. B goes back to the one before; the first step lists all.</source>
        <translation>Keine Kalibrierung wird geändert oder geht verloren. B geht zur vorigen zurück; der erste Schritt zeigt alle.</translation>
    </message>
</context>
<context>
    <name>Result</name>
    <message>
        <source>It was not checked on pictures that were left out of it.</source>
        <translation>Es wurde nicht an ausgelassenen Bildern geprüft.</translation>
    </message>
    <message>
        <source>Checked on {count} pictures left out of it: {rms} mm, 95 % of the corners under {p95} mm.</source>
        <translation>An {count} ausgelassenen Bildern geprüft: {rms} mm, 95 % der Ecken unter {p95} mm.</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>sure to, mm</source>
        <translation>sicher auf, mm</translation>
    </message>
    <message>
        <source>px p50</source>
        <translation>px p50</translation>
    </message>
    <message>
        <source>px p95</source>
        <translation>px p95</translation>
    </message>
    <message>
        <source>pictures</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>check, mm</source>
        <translation>Prüfung, mm</translation>
    </message>
    <message>
        <source>moved, mm</source>
        <translation>versetzt, mm</translation>
    </message>
    <message>
        <source>turned, °</source>
        <translation>gedreht, °</translation>
    </message>
    <message>
        <source>What was found</source>
        <translation>Was auffiel</translation>
    </message>
    <message>
        <source>Nothing stands out.</source>
        <translation>Nichts fällt auf.</translation>
    </message>
    <message>
        <source>Pictures with the largest errors</source>
        <translation>Bilder mit den größten Fehlern</translation>
    </message>
    <message>
        <source>not solved</source>
        <translation>fehlt</translation>
    </message>
    <message>
        <source>unchanged</source>
        <translation>unverändert</translation>
    </message>
    <message>
        <source>{picture}, camera {camera}</source>
        <translation>{picture}, Kamera {camera}</translation>
    </message>
    <message>
        <source>{count} of {all} cameras are solved, sure to {mm} mm</source>
        <translation>{count} von {all} Kameras berechnet, auf {mm} mm sicher</translation>
    </message>
    <message>
        <source>Not solved: {cameras}. M takes more pictures. Enter accepts it without them.</source>
        <translation>Nicht berechnet: {cameras}. M macht mehr Bilder. Enter nimmt es ohne sie an.</translation>
    </message>
    <message>
        <source>Every camera’s place is sure to {mm} mm</source>
        <translation>Die Lage jeder Kamera ist auf {mm} mm sicher</translation>
    </message>
    <message>
        <source>Enter accepts it. M takes more pictures.</source>
        <translation>Enter nimmt es an. M macht mehr Bilder.</translation>
    </message>
    <message>
        <source>Enter accepts it. You can go back to today’s calibration at any time.</source>
        <translation>Enter nimmt es an. Zur heutigen Kalibrierung geht es jederzeit zurück.</translation>
    </message>
    <message>
        <source>Read what was found before you accept. M takes more pictures.</source>
        <translation>Vor dem Annehmen lesen, was auffiel. M macht mehr Bilder.</translation>
    </message>
</context>
<context>
    <name>ReviewStep</name>
    <message>
        <source>Name or number</source>
        <translation>Name oder Nummer</translation>
    </message>
    <message>
        <source>No class is called so.</source>
        <translation>Keine Klasse heißt so.</translation>
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
    <name>SessionStep</name>
    <message>
        <source>This class and the smallest ones: training + validation + test</source>
        <translation>Diese und die kleinsten Klassen: Training + Validierung + Test</translation>
    </message>
    <message>
        <source>The reason is kept with the capture</source>
        <translation>Der Grund wird mit der Aufnahme gespeichert</translation>
    </message>
    <message>
        <source>Another reason</source>
        <translation>Ein anderer Grund</translation>
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
        <source>Lay the part  F6</source>
        <translation>Teil auflegen  F6</translation>
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
        <source>Situations</source>
        <translation>Situationen</translation>
    </message>
    <message>
        <source>Hold the board  F6</source>
        <translation>Tafel halten  F6</translation>
    </message>
    <message>
        <source>Take it away  F7</source>
        <translation>Wegnehmen  F7</translation>
    </message>
    <message>
        <source>Knock a camera</source>
        <translation>Kamera anstoßen</translation>
    </message>
    <message>
        <source>Pull a camera</source>
        <translation>Kamera ziehen</translation>
    </message>
    <message>
        <source>Faults</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>Two parts</source>
        <translation>Zwei Teile</translation>
    </message>
    <message>
        <source>A part beyond the plate</source>
        <translation>Ein Teil über den Rand hinaus</translation>
    </message>
    <message>
        <source>Exchange the part in one move</source>
        <translation>Das Teil in einem Zug austauschen</translation>
    </message>
    <message>
        <source>A part too light for the scale</source>
        <translation>Ein Teil, zu leicht für die Waage</translation>
    </message>
    <message>
        <source>Put a tray down (then tare it: Ctrl+T)</source>
        <translation>Eine Schale hinstellen (dann tarieren: Strg+T)</translation>
    </message>
    <message>
        <source>Take the tray away</source>
        <translation>Die Schale wegnehmen</translation>
    </message>
    <message>
        <source>Camera {0} plugged in</source>
        <translation>Kamera {0} eingesteckt</translation>
    </message>
    <message>
        <source>Knock camera {0}</source>
        <translation>Kamera {0} anstoßen</translation>
    </message>
    <message>
        <source>Camera {0}</source>
        <translation>Kamera {0}</translation>
    </message>
    <message>
        <source>Unplugged</source>
        <translation>Abgezogen</translation>
    </message>
    <message>
        <source>Sends nothing</source>
        <translation>Sendet nichts</translation>
    </message>
    <message>
        <source>Depth dead</source>
        <translation>Tiefe tot</translation>
    </message>
    <message>
        <source>Picture frozen</source>
        <translation>Bild eingefroren</translation>
    </message>
    <message>
        <source>Pictures late</source>
        <translation>Bilder verspätet</translation>
    </message>
    <message>
        <source>Pictures lost</source>
        <translation>Bilder gehen verloren</translation>
    </message>
    <message>
        <source>Clock jumps</source>
        <translation>Uhr springt</translation>
    </message>
    <message>
        <source>White balance wrong</source>
        <translation>Weißabgleich falsch</translation>
    </message>
    <message>
        <source>Lens dirty</source>
        <translation>Linse verschmutzt</translation>
    </message>
    <message>
        <source>On USB 2</source>
        <translation>An USB 2</translation>
    </message>
    <message>
        <source>Scale silent</source>
        <translation>Waage stumm</translation>
    </message>
    <message>
        <source>Scale noisy</source>
        <translation>Waage unruhig</translation>
    </message>
    <message>
        <source>Scale sends nonsense</source>
        <translation>Waage sendet Unsinn</translation>
    </message>
    <message>
        <source>Scale drifts</source>
        <translation>Waage driftet</translation>
    </message>
    <message>
        <source>A hand over the plate</source>
        <translation>Eine Hand über der Platte</translation>
    </message>
    <message>
        <source>A cable on the plate</source>
        <translation>Ein Kabel auf der Platte</translation>
    </message>
</context>
<context>
    <name>Situation</name>
    <message>
        <source>The cameras are being checked</source>
        <translation>Die Kameras werden geprüft</translation>
    </message>
    <message>
        <source>Parts are recognised again when the check is ended.</source>
        <translation>Teile werden wieder erkannt, wenn die Prüfung beendet ist.</translation>
    </message>
    <message>
        <source>The rig is being calibrated</source>
        <translation>Die Kameras werden kalibriert</translation>
    </message>
    <message>
        <source>Parts are recognised again when the calibration is ended.</source>
        <translation>Teile werden wieder erkannt, wenn die Kalibrierung beendet ist.</translation>
    </message>
    <message>
        <source>Not calibrated</source>
        <translation>Nicht kalibriert</translation>
    </message>
    <message>
        <source>Nothing is recognised until the rig is calibrated: open the calibration page (F4).</source>
        <translation>Erkannt wird erst, wenn kalibriert ist: die Seite Kalibrierung öffnen (F4).</translation>
    </message>
    <message>
        <source>A capture session runs</source>
        <translation>Eine Aufnahmesitzung läuft</translation>
    </message>
    <message>
        <source>Nothing is recognised meanwhile. F12 leads there.</source>
        <translation>Solange wird nichts erkannt. F12 führt hin.</translation>
    </message>
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
        <source>The pictures show which. Leave only one of them on the plate.</source>
        <translation>Die Bilder zeigen, welche. Lassen Sie nur eines davon auf der Platte.</translation>
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
        <source>Enter confirms. Is it another part? Press 2–5, or F2 to search.</source>
        <translation>Enter bestätigt. Ist es ein anderes Teil? Drücken Sie 2–5, oder F2 zum Suchen.</translation>
    </message>
    <message>
        <source>{count} parts come into question: compare, then press the number of the right one.</source>
        <translation>{count} Teile kommen in Frage: Vergleichen Sie und drücken Sie die Ziffer des richtigen.</translation>
    </message>
    <message>
        <source>weight and size say so, {same} of {count} views agree</source>
        <translation>Gewicht und Größe sagen es, {same} von {count} Ansichten stimmen zu</translation>
    </message>
    <message>
        <source>reaches beyond the plate</source>
        <translation>ragt über die Platte hinaus</translation>
    </message>
    <message>
        <source>The part reaches beyond the plate: move it to the middle for a surer answer. Answered as it lies, it is not kept as an example to learn from.</source>
        <translation>Das Teil ragt über die Platte hinaus: Schieben Sie es in die Mitte, dann ist die Antwort sicherer. So beantwortet wird es nicht als Lernbeispiel aufgehoben.</translation>
    </message>
    <message>
        <source>higher than the work volume</source>
        <translation>höher als der Arbeitsraum</translation>
    </message>
    <message>
        <source>The part is higher than what the cameras watch: lay it flat for a surer answer. Answered as it stands, it is not kept as an example to learn from.</source>
        <translation>Das Teil ist höher, als die Kameras sehen: Legen Sie es flach hin, dann ist die Antwort sicherer. So beantwortet wird es nicht als Lernbeispiel aufgehoben.</translation>
    </message>
    <message>
        <source>Something reaches over the plate</source>
        <translation>Etwas ragt über die Platte</translation>
    </message>
    <message>
        <source>Take hands, sleeves and cables away from the plate; the station waits.</source>
        <translation>Nehmen Sie Hände, Ärmel und Kabel von der Platte; die Station wartet.</translation>
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
        <source>The answer</source>
        <translation>Die Antwort</translation>
    </message>
    <message>
        <source>Unlikely</source>
        <translation>Unwahrscheinlich</translation>
    </message>
    <message>
        <source>One of {count}: the {shown} likeliest, the others with F2</source>
        <translation>Einer von {count}: die {shown} wahrscheinlichsten, die anderen mit F2</translation>
    </message>
    <message>
        <source>One of these {count}</source>
        <translation>Einer von diesen {count}</translation>
    </message>
    <message>
        <source>{text}  ·  right {share} of the time</source>
        <translation>{text}  ·  stimmt in {share} der Fälle</translation>
    </message>
    <message>
        <source>{same} of {count} views agree</source>
        <translation>{same} von {count} Ansichten stimmen zu</translation>
    </message>
    <message>
        <source>Weight and size do not fit this part: look twice before you confirm.</source>
        <translation>Gewicht und Größe passen nicht zu diesem Teil: Bitte zweimal hinsehen, bevor Sie bestätigen.</translation>
    </message>
    <message>
        <source>The weight does not fit this part: does something else lie on the scale, is a piece missing?</source>
        <translation>Das Gewicht passt nicht zu diesem Teil: Liegt noch etwas auf der Waage, oder fehlt ein Stück?</translation>
    </message>
    <message>
        <source>The size does not fit this part: look twice before you confirm.</source>
        <translation>Die Größe passt nicht zu diesem Teil: Bitte zweimal hinsehen, bevor Sie bestätigen.</translation>
    </message>
    <message>
        <source>Most similar known parts</source>
        <translation>Ähnlichste bekannte Teile</translation>
    </message>
    <message>
        <source>It looks like {name}, but does not have its weight.</source>
        <translation>Sieht aus wie {name}, wiegt aber anders.</translation>
    </message>
    <message>
        <source>It looks like {name}, but does not have its size.</source>
        <translation>Sieht aus wie {name}, ist aber anders groß.</translation>
    </message>
    <message>
        <source>It looks like {name}, but is of another weight and size.</source>
        <translation>Sieht aus wie {name}, hat aber anderes Gewicht und andere Größe.</translation>
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
    <name>StartStep</name>
    <message>
        <source>Board</source>
        <translation>Tafel</translation>
    </message>
    <message>
        <source>Its id, as printed on the sheet</source>
        <translation>Ihre Kennung, wie auf dem Blatt</translation>
    </message>
    <message>
        <source>Cameras</source>
        <translation>Kameras</translation>
    </message>
    <message>
        <source>Paper to print on</source>
        <translation>Papier zum Drucken</translation>
    </message>
    <message>
        <source>Stored calibrations</source>
        <translation>Gespeicherte Kalibrierungen</translation>
    </message>
    <message>
        <source>None is stored yet.</source>
        <translation>Noch ist keine gespeichert.</translation>
    </message>
    <message>
        <source>All cameras</source>
        <translation>Alle Kameras</translation>
    </message>
    <message>
        <source>Camera {0} alone</source>
        <translation>Kamera {0} allein</translation>
    </message>
    <message>
        <source>Another board, by its id</source>
        <translation>Eine andere, nach ihrer Kennung</translation>
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
        <source>doubtful</source>
        <translation>zweifelhaft</translation>
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
        <source>under way</source>
        <translation>läuft</translation>
    </message>
    <message>
        <source>Without a calibration nothing is recognised.</source>
        <translation>Ohne Kalibrierung wird nichts erkannt.</translation>
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
    <message>
        <source>This view alone says the same ({share})</source>
        <translation>Diese Ansicht allein sagt dasselbe ({share})</translation>
    </message>
    <message>
        <source>This view alone says {name} ({share})</source>
        <translation>Diese Ansicht allein sagt {name} ({share})</translation>
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
